import { openCluster, type ClusterSession, type SessionOptions } from './cluster-session.ts';

/** A host that is gone must not hold up the picture of the others. */
export const LOGIN_MS = 4000;
const LOGIN_EVERY_MS = 15_000;

/**
 * The session of looks that are repeated: hosts that did not let us in are tried again, so that one that comes back is
 * seen. The others are logged in to anew with them.
 */
export class WatchedCluster implements AsyncDisposable {
  readonly #options: SessionOptions;
  #session: ClusterSession;
  #openedAt = performance.now();

  private constructor(options: SessionOptions, session: ClusterSession) {
    this.#options = options;
    this.#session = session;
  }

  /** @throws PgscaleError for the spec; hosts that do not answer are in `fleet.failures` */
  static async open(specPath: string): Promise<WatchedCluster> {
    const options = { specPath, tolerate: true, connectDeadlineMs: LOGIN_MS };
    return new WatchedCluster(options, await openCluster(options));
  }

  /** The session for the next look. */
  async session(): Promise<ClusterSession> {
    const isDue = performance.now() - this.#openedAt >= LOGIN_EVERY_MS;
    if (!isDue || this.#session.fleet.failures.length === 0) return this.#session;
    const session = await openCluster(this.#options);
    await this.#session[Symbol.asyncDispose]();
    this.#session = session;
    this.#openedAt = performance.now();
    return session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}
