import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import type { CommandOutcome } from '../../support/lab-cluster.ts';
import { told, type OutageLab } from '../../support/outage-lab.ts';
import { expectRefusedFor } from '../../support/refused-run.ts';

const failoverSchema = z.object({
  to: z.object({ name: z.string(), gapBytes: z.number().nullable() }),
  candidates: z.array(z.object({ name: z.string(), excluded: z.string().nullable() })),
});
const errorSchema = z.object({
  error: z.object({ code: z.string(), why: z.string().optional() }),
});

/** What operators do, two of them at once, and when Patroni does not act. */
export function operatorOutages(lab: () => OutageLab): void {
  describe('operators', () => {
    it('a second switchover is refused and names who runs the first', async ({ annotate }) => {
      const before = await lab().whole();
      const seen = await lab().whileWriting(async () => {
        const first = lab().cluster.startPlain('switchover', '--yes');
        await first.seen(({ event }) => event === 'step');
        const second = await lab().cluster.pgscale('switchover', '--yes', '--json');
        expectRefusedFor(first, 'pgscale switchover', second);
        expect((await first.ended).status).toBe(0);
      });
      expect(await lab().whole()).not.toBe(before);
      await annotate(told(seen));
    });

    it('one that slept while another came and went: it stops before its next step and says so', async ({
      annotate,
    }) => {
      const before = await lab().whole();
      const seen = await lab().whileWriting(async () => {
        const first = lab().cluster.startPlain('restart', '--yes');
        const begun = await first.seen(({ event }) => event === 'step');
        first.signal('SIGSTOP');
        try {
          const second = await lab().cluster.pgscale('reload', '--lock-wait', '2m');
          expect(second.status, second.stderr).toBe(0);
        } finally {
          first.signal('SIGCONT');
        }
        const { status, stderr } = await first.ended;
        expect(status, stderr).toBe(5);
        expect(stderr).toContain('PGS_LOCK_LOST');
        expect(stderr).toContain('pgscale reload');
        expect(stderr).toContain(`done so far: ${begun?.step ?? ''}`);
      });
      // The primary's turn is after the standbys'.
      expect(await lab().whole()).toBe(before);
      await annotate(told(seen));
    });

    it('a lost primary while Patroni is paused: `why` says so, one of two failovers makes a new one', async ({
      annotate,
    }) => {
      const before = await lab().whole();
      await lab().cluster.pgscaleJson('pause', '--yes');
      const seen = await lab().whileWriting(async () => {
        await lab().power('kill', before);
        try {
          const why = await lab().why();
          expect(why.leader).toBeNull();
          const ids = why.reasons.map(({ id }) => id);
          expect(ids).toContain('paused');
          // Which of the two depends on whether the lease has run out while it was asked.
          expect(ids.some((id) => id === 'leader-unreachable' || id === 'no-leader')).toBe(true);
          await twoFailovers(lab(), before);
        } finally {
          await lab().power('start', before);
          await lab().cluster.pgscaleJson('resume');
        }
      });
      expect(await lab().whole()).not.toBe(before);
      await annotate(told(seen));
    });

    it('`why` names tags that leave nobody to take over', async () => {
      const before = await lab().whole();
      const tagged = lab().othersThan(before);
      const file = '/etc/pgscale/patroni/patroni.yml';
      for (const host of tagged)
        await lab().on(
          host,
          `cp -p ${file} /root/; printf 'tags:\\n  nofailover: true\\n' >>${file}; systemctl reload patroni`,
        );
      try {
        const ids = async (): Promise<string[]> => (await lab().why()).reasons.map(({ id }) => id);
        await expect
          .poll(ids, { timeout: 180_000, interval: 2000 })
          .toEqual(['no-candidate', ...tagged.map(() => 'excluded')]);
      } finally {
        for (const host of tagged) await lab().on(host, `cp -p /root/patroni.yml ${file}; systemctl reload patroni`);
      }
    });
  });
}

/** Two at once: one is refused by the lock, the other makes a candidate with every commit the primary. */
async function twoFailovers(lab: OutageLab, lost: string): Promise<void> {
  const outcomes = await Promise.all([1, 2].map(() => lab.cluster.pgscale('failover', '--yes', '--json')));
  const [done, refused] = outcomes.toSorted((a, b) => a.status - b.status);
  expect(outcomes.map(({ status }) => status).toSorted(), outcomes.map(({ stdout }) => stdout).join('\n')).toEqual([
    0, 5,
  ]);
  const { to, candidates } = failoverSchema.parse(JSON.parse(done!.stdout));
  expect(to.gapBytes).toBe(0);
  expect(candidates).toContainEqual(
    expect.objectContaining({ name: lost, excluded: expect.stringContaining('cannot be reached') as string }),
  );
  expect(errorOf(refused!)).toMatchObject({
    code: 'PGS_LOCKED',
    why: expect.stringContaining('pgscale failover') as string,
  });
}

/** The error of a run with --json. */
function errorOf({ stdout }: CommandOutcome): z.output<typeof errorSchema>['error'] {
  return errorSchema.parse(JSON.parse(stdout)).error;
}
