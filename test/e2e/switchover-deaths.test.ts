import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { OutageLab, told } from '../support/outage-lab.ts';

/** Steps of `switchover` by the first word of their titles. */
type Moment = 'Arm' | 'Pause' | 'Move' | 'Lead' | 'Resume';
type Role = 'primary' | 'candidate' | 'other' | 'etcdLeader';

interface Death {
  readonly what: string;
  readonly of: Role;
  readonly at: Moment;
  readonly script: string;
}

const POOLERS = `systemctl kill --signal=KILL 'pgscale-pgbouncer@*.service'`;
const HAPROXY = 'systemctl kill --signal=KILL haproxy';
const ETCD = 'systemctl kill --signal=KILL etcd';
const PATRONI = 'kill -9 $(systemctl show -P MainPID patroni)';
const POSTMASTER = 'kill -9 $(head -n1 /var/lib/postgresql/18/e2e-swdeath/postmaster.pid) || true';

/** A process dies at once; its unit or Patroni starts it again. */
const DEATHS: readonly Death[] = [
  { what: 'PgBouncer', of: 'primary', at: 'Pause', script: POOLERS },
  { what: 'PgBouncer', of: 'candidate', at: 'Move', script: POOLERS },
  { what: 'HAProxy', of: 'candidate', at: 'Move', script: HAPROXY },
  { what: 'HAProxy', of: 'primary', at: 'Lead', script: HAPROXY },
  { what: 'etcd', of: 'etcdLeader', at: 'Pause', script: ETCD },
  { what: 'etcd', of: 'etcdLeader', at: 'Move', script: ETCD },
  { what: 'Patroni', of: 'primary', at: 'Move', script: PATRONI },
  { what: 'Patroni', of: 'candidate', at: 'Move', script: PATRONI },
  { what: 'PostgreSQL', of: 'primary', at: 'Pause', script: POSTMASTER },
  { what: 'PostgreSQL', of: 'candidate', at: 'Arm', script: POSTMASTER },
  { what: 'PostgreSQL', of: 'candidate', at: 'Move', script: POSTMASTER },
  { what: 'PostgreSQL', of: 'candidate', at: 'Lead', script: POSTMASTER },
  { what: 'PostgreSQL', of: 'other', at: 'Move', script: POSTMASTER },
];

/** Where nothing is left to take over at once, a lease of 20 s has to end. */
const GO_ON_MS = 40_000;

/**
 * A part of the cluster that dies in the middle of a switchover: the command ends with an answer, clients go on, the cluster is
 * whole by itself, no acknowledged commit is lost, and the next switchover works.
 */
let outage: OutageLab;

beforeAll(async () => {
  outage = await OutageLab.start('e2e-swdeath');
});

afterAll(async () => {
  await outage[Symbol.asyncDispose]();
});

describe('a switchover in which', () => {
  it.for(DEATHS)(
    '$what of the $of dies at $at: clients go on, and nothing is lost',
    async ({ of, at, script }, { annotate }) => {
      const primary = await outage.whole();
      const [candidate = '', other = ''] = outage.othersThan(primary);
      const hosts = { primary, candidate, other, etcdLeader: (await outage.etcdLeader()) ?? other };
      let answer = 'none';
      const suffered = await outage.whileWriting(async () => {
        const run = outage.cluster.startPlain('switchover', '--to', candidate, '--yes');
        const step = await run.seen(({ event, step: title }) => event === 'step' && title?.startsWith(at) === true);
        if (step === undefined) throw new Error(`no step ${at}\n${(await run.ended).stderr}`);
        await outage.on(hosts[of], script);
        const { status, stderr } = await run.ended;
        answer = status === 0 ? 'done' : (/^✖ (.*)$/mu.exec(stderr)?.[1] ?? '');
        expect(answer, stderr).not.toBe('');
        if (status !== 0) expect(stderr).toMatch(/code: PGS_(?!UNEXPECTED)/u);
      });
      await annotate(`${told(suffered)}; switchover: ${answer}`);
      expect(suffered.longestGapMs).toBeLessThan(GO_ON_MS);
      await outage.cluster.succeed('pooler', 'status');
      await outage.cluster.succeed('switchover', '--yes');
    },
  );
});
