import type { Cluster } from '../../../spec/cluster.ts';
import type { UrlChoice } from '../../url.ts';
import { endpointConnector } from './endpoint-client.ts';
import { Ledger } from './ledger.ts';
import { LedgerWriter } from './ledger-writer.ts';
import { ReadHolder } from './read-holder.ts';
import { ReadProber } from './read-prober.ts';

/** How many clients a drill has; they use the first database of the spec and its owner unless told otherwise. */
export interface WorkloadOptions extends UrlChoice {
  readonly writers: number;
  readonly readers: number;
}

/** Clients as an application has them: writers on the pool endpoint, readers on the replica endpoint. */
export class Workload implements AsyncDisposable {
  readonly ledger: Ledger;
  readonly writer: LedgerWriter;
  readonly holder: ReadHolder;
  readonly prober: ReadProber;
  readonly #options: WorkloadOptions;

  /** @throws PgscaleError PGS_DATABASE_UNKNOWN */
  constructor(cluster: Cluster, options: WorkloadOptions) {
    this.#options = options;
    const pool = endpointConnector(cluster, 'pool', options);
    const replica = endpointConnector(cluster, 'replica', options);
    this.ledger = new Ledger(pool);
    this.writer = new LedgerWriter(pool);
    this.holder = new ReadHolder(replica);
    this.prober = new ReadProber(replica);
  }

  /** Makes the ledger and lets the clients begin. @throws what a client is told that cannot connect or write */
  async start(): Promise<void> {
    await this.ledger.create();
    this.writer.start(this.#options.writers);
    this.holder.start(this.#options.readers);
    this.prober.start();
  }

  /** Forgets what the clients saw so far: a new round begins. */
  forget(): void {
    this.writer.forget();
    this.holder.forget();
    this.prober.forget();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { writer, holder, prober } = this;
    await Promise.all([writer, holder, prober].map((each) => each[Symbol.asyncDispose]()));
  }
}
