/** Work on the same thing happens in the order in which it was asked for; work on others meanwhile. */
export class Locks {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Does something once everything before it about the same things is done. */
  async with<Result>(keys: readonly string[], work: () => Promise<Result>): Promise<Result> {
    const before = keys.map((key) => this.#last.get(key));
    const result = Promise.allSettled(before).then(work);
    const done = result.catch(() => {});
    for (const key of keys) this.#last.set(key, done);
    return result;
  }
}
