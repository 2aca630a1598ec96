/**
 * Turns the first Ctrl-C or SIGTERM into an abort, so that the running step can end in order; the second one ends the
 * process at once.
 */
export function interruptible(onFirst: () => void): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const handler = (): void => {
    if (controller.signal.aborted) process.kill(process.pid, 'SIGKILL');
    controller.abort();
    onFirst();
  };
  process.on('SIGINT', handler);
  process.on('SIGTERM', handler);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      process.off('SIGINT', handler);
      process.off('SIGTERM', handler);
    },
  };
}
