/** Lets so many in at once; the others wait in line. */
export class Slots {
  #free: number;
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Waits for a slot; false when none came free in time. */
  async take(deadlineMs: number): Promise<boolean> {
    if (this.#free > 0) this.#free -= 1;
    else if (!(await this.#waitInLine(deadlineMs))) return false;
    this.#taken += 1;
    return true;
  }

  release(): void {
    this.#taken -= 1;
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }

  /** Gives a slot back for good, so that there is one less from now on; false when it is the only one in use. */
  giveUp(): boolean {
    if (this.#taken <= 1) return false;
    this.#taken -= 1;
    return true;
  }

  #waitInLine(deadlineMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const enter = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        resolve(false);
      }, deadlineMs);
      this.#waiting.push(enter);
    });
  }
}
