import { messageOf } from '../../errors/message.ts';

/** Tells of a problem when it comes or changes, and not again while it stays. */
export class ProblemLog {
  readonly #tell: (problem: string) => void;
  #told: string | undefined;

  constructor(tell: (problem: string) => void) {
    this.#tell = tell;
  }

  note(error: unknown): void {
    const problem = messageOf(error).trim();
    if (problem !== this.#told) this.#tell(problem);
    this.#told = problem;
  }

  /** It went well: the same problem would be a new one. */
  forget(): void {
    this.#told = undefined;
  }
}
