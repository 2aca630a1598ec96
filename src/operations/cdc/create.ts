import type { RunOptions } from '../../run/run-stages.ts';
import { addStream, type NewStream } from '../../spec/edit-cdc.ts';
import { loadSpec, readSpecText } from '../../spec/load.ts';
import { ensureSecrets } from '../../spec/secret/ensure.ts';
import { applyIn, takeClusterLock, type Applied } from '../apply/index.ts';
import { openCluster, type SessionOptions } from '../cluster-session.ts';
import { specStep } from '../membership/spec-file.ts';
import type { Plan } from '../plan.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import { readSlots, slotOn, streamOf } from './look.ts';
import { streamFrom, streamStage } from './stages.ts';

export interface CreateOptions extends SessionOptions {
  readonly run: RunOptions;
  readonly lockWaitMs: number;
  readonly name: string;
  /** What the spec is to say; undefined: it has the stream already. */
  readonly stream: Omit<NewStream, 'name'> | undefined;
  /** Drop a slot that is there and begin anew. */
  readonly again: boolean;
  /** Asked with what would change, on all hosts; false ends the run. */
  readonly confirm: (plan: Plan) => Promise<boolean>;
}

export interface Created extends Applied {
  readonly name: string;
  readonly primary: string;
  readonly role: string;
  readonly confirmedLsn: string | null;
}

/**
 * Makes a stream of changes: into the spec, with a password for its role, then everything that `apply` does for it, then the
 * publication, the slot and its copies. A second run finishes what was cut off.
 * @throws PgscaleError PGS_CDC_UNKNOWN, PGS_CDC_REFUSED, PGS_CDC_BUSY, and what `apply` throws
 */
export async function createStream(options: CreateOptions): Promise<Created> {
  const { specPath, name, run, confirm } = options;
  const text = await readSpecText(specPath);
  const before = await loadSpec(specPath);
  const after = options.stream === undefined ? { text, spec: before } : addStream(text, { name, ...options.stream });
  const stream = streamFrom(streamOf(after.spec, name), after.spec);
  await ensureSecrets(specPath, after.spec);
  await using session = await openCluster({ ...options, specText: after.text });
  await using _lock = await takeClusterLock(session, 'cdc create', { forMs: options.lockWaitMs });
  const applied = await applyIn(session, {
    command: 'cdc create',
    run,
    confirm,
    before: after.text === text ? [] : [{ title: 'Spec', steps: [specStep(specPath, text, after.text)] }],
    after: [streamStage(session, stream, options.again)],
  });
  const primary = leaderOf(await readMembers(session));
  const { confirmedLsn } = slotOn(await readSlots(session), primary, name);
  return { ...applied, name, primary, role: stream.role, confirmedLsn };
}
