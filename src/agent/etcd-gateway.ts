import { readFileSync, statSync } from 'node:fs';
import { Agent, request } from 'node:https';

import * as z from 'zod/mini';

import { etcdHeirs, etcdStatus, isEtcdLeader, type EtcdStatus } from './etcd-heir.ts';
import { etcdKey, type EtcdKey } from './patroni-keys.ts';

const ANSWER_MS = 1500;
const ANSWER_BYTES_MAX = 4 * 1024 ** 2;

const rangeAnswer = z.object({ kvs: z.optional(z.array(etcdKey)) });
const grantAnswer = z.object({ ID: z.string() });
const claimAnswer = z.object({ succeeded: z.optional(z.boolean()) });
const leaseAnswer = z.object({ TTL: z.optional(z.string()), grantedTTL: z.optional(z.string()) });

/** How the programs of a host come to etcd. */
export const etcdAccess = z.object({
  /** In the order in which they are tried. */
  urls: z.array(z.string()),
  /** Where Patroni keeps the cluster's keys, with a slash at the end. */
  prefix: z.string(),
  ca: z.string(),
  certificate: z.string(),
  key: z.string(),
});
type EtcdAccess = z.output<typeof etcdAccess>;

/** etcd by its JSON gateway over mutual TLS. https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway/ */
export class EtcdGateway {
  readonly #access: EtcdAccess;
  #connections: { agent: Agent; certificateAt: number } | undefined;

  constructor(access: EtcdAccess) {
    this.#access = access;
  }

  /** Patroni's keys, by a linearizable read, which needs a majority. @throws Error when no member of etcd answers */
  async keys(): Promise<readonly EtcdKey[]> {
    const { prefix } = this.#access;
    const body = { key: base64(prefix), range_end: base64(`${prefix.slice(0, -1)}0`) };
    return rangeAnswer.parse(await this.#ask('/v3/kv/range', body)).kvs ?? [];
  }

  /**
   * Makes a key that goes by itself after so many seconds; false when it is there already. Of all who try, one succeeds.
   * @throws Error when no member of etcd answers
   */
  async claim(key: string, value: string, seconds: number): Promise<boolean> {
    const { ID } = grantAnswer.parse(await this.#ask('/v3/lease/grant', { TTL: String(seconds) }));
    const body = {
      compare: [{ key: base64(key), target: 'CREATE', result: 'EQUAL', create_revision: '0' }],
      success: [{ request_put: { key: base64(key), value: base64(value), lease: ID } }],
    };
    return claimAnswer.parse(await this.#ask('/v3/kv/txn', body)).succeeded === true;
  }

  /** What is left of a lease, and how long it lives when it is renewed, in seconds. @throws Error when no member of etcd answers */
  async lease(leaseId: string): Promise<{ secondsLeft: number; grantedSeconds: number | undefined }> {
    const { TTL, grantedTTL } = leaseAnswer.parse(await this.#ask('/v3/lease/timetolive', { ID: leaseId }));
    const granted = Number(grantedTTL ?? 0);
    return { secondsLeft: Number(TTL ?? 0), grantedSeconds: granted > 0 ? granted : undefined };
  }

  /** Ends a lease, and with it the leader key and the key of this member. @throws Error when that is not certain */
  async revoke(leaseId: string): Promise<void> {
    await this.#ask('/v3/lease/revoke', { ID: leaseId });
  }

  /**
   * Has the member of etcd at `url`, if it is etcd's leader, hand that over to another one that keeps up. True when it did.
   * https://etcd.io/docs/v3.5/dev-guide/api_reference_v3/ (Maintenance.MoveLeader)
   * @throws Error when it does not answer, or nobody takes over
   */
  async moveLeaderFrom(url: string): Promise<boolean> {
    const own = await this.#status(url);
    if (!isEtcdLeader(own)) return false;
    const rest = this.#access.urls.filter((each) => each !== url);
    const others = await Promise.all(rest.map((each) => this.#status(each).catch(() => undefined)));
    const [heir] = etcdHeirs(
      own,
      others.filter((each) => each !== undefined),
    );
    if (heir === undefined) return false;
    const body = JSON.stringify({ targetID: heir.header.member_id });
    await this.#post(new URL('/v3/maintenance/transfer-leadership', url), body);
    return true;
  }

  async #status(url: string): Promise<EtcdStatus> {
    return etcdStatus.parse(await this.#post(new URL('/v3/maintenance/status', url), '{}'));
  }

  async #ask(path: string, body: object): Promise<unknown> {
    let problem: unknown;
    for (const url of this.#access.urls) {
      try {
        return await this.#post(new URL(path, url), JSON.stringify(body));
      } catch (error) {
        problem = error;
      }
    }
    throw problem;
  }

  #post(url: URL, body: string): Promise<unknown> {
    const agent = this.#agent();
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(ANSWER_MS);
      const sent = request(url, { method: 'POST', agent, signal }, (answer) => {
        let heard = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => {
          heard += part;
          if (heard.length > ANSWER_BYTES_MAX) sent.destroy(new Error('etcd answers too much'));
        });
        answer.on('error', reject);
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve(JSON.parse(heard));
          else reject(new Error(`etcd at ${url.host} answers ${answer.statusCode ?? 0} to ${url.pathname}: ${heard}`));
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** Connections are kept until `apply` renews the certificate. */
  #agent(): Agent {
    const { ca, certificate, key } = this.#access;
    const certificateAt = statSync(certificate).mtimeMs;
    if (this.#connections?.certificateAt === certificateAt) return this.#connections.agent;
    this.#connections?.agent.destroy();
    const read = (path: string): string => readFileSync(path, 'utf8');
    const agent = new Agent({ keepAlive: true, ca: read(ca), cert: read(certificate), key: read(key) });
    this.#connections = { agent, certificateAt };
    return agent;
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
