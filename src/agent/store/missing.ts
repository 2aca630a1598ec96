/** The store has no such object. */
export class StoreMissing extends Error {
  constructor(name: string) {
    super(`the store has no ${name}`);
    this.name = 'StoreMissing';
  }
}
