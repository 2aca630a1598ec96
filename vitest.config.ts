import { defineConfig } from 'vitest/config';

const common = { globals: false, disableConsoleIntercept: true };

/** Real hosts under load on two cores, one lab after the other; every wait inside has a shorter deadline of its own. */
const onRealHosts = {
  ...common,
  fileParallelism: false,
  testTimeout: 600_000,
  hookTimeout: 600_000,
  // The build is what is tried: with vitest's own `test` oclif would run the sources, by tsx, beside it.
  env: { NODE_ENV: 'production' },
};

/** Longer ones, by `npm run test:ha`: switchovers under load, the guard, restores of the whole cluster. */
const HIGH_AVAILABILITY = [
  'test/e2e/outages.test.ts',
  'test/e2e/drill.test.ts',
  'test/e2e/switchover.test.ts',
  'test/e2e/guard.test.ts',
  'test/e2e/restore.test.ts',
  'test/e2e/cdc.test.ts',
  'test/e2e/restore-faults.test.ts',
  'test/e2e/restore-kill.test.ts',
  'test/e2e/replica.test.ts',
  'test/e2e/membership.test.ts',
  'test/e2e/switchover-kill.test.ts',
  'test/e2e/switchover-deaths.test.ts',
  'test/e2e/upkeep.test.ts',
  'test/e2e/restore-new.test.ts',
];

export default defineConfig({
  test: {
    reporters: ['default', './test/support/count-reporter.ts'],
    projects: [
      { test: { ...common, name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          ...common,
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...onRealHosts,
          name: 'e2e',
          include: ['test/e2e/*.test.ts'],
          exclude: HIGH_AVAILABILITY,
          sequence: { groupOrder: 1 },
        },
      },
      { test: { ...onRealHosts, name: 'ha', include: HIGH_AVAILABILITY, sequence: { groupOrder: 2 } } },
    ],
  },
});
