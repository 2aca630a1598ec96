import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with `tests: N passed, N failed`, the line that CI reads. A file that could not be loaded counts as failed. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const passed = tests.filter((test) => test.result().state === 'passed').length;
    const failed = tests.filter((test) => test.result().state === 'failed').length;
    const skipped = tests.filter((test) => test.result().state === 'skipped').length;
    const broken = modules.filter((module) => module.errors().length > 0).length + unhandled.length;
    const line = `tests: ${passed} passed, ${failed + broken} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    // After vitest's own summary, so that it is the last line.
    process.on('exit', () => process.stdout.write(`${line}\n`));
  }
}
