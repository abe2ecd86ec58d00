import type { Progress } from "../../protocol.js";

/** What happens until the lab is ready, for everybody who asks, from the beginning. */
export class ProgressLog {
  readonly #past: Progress[] = [];
  readonly #listeners = new Set<(progress: Progress) => void>();

  /** Whether there is nothing more to come. */
  get complete(): boolean {
    const last = this.#past.at(-1);
    return last?.kind === "ready" || last?.kind === "failed";
  }

  add(progress: Progress): void {
    if (this.complete) return;
    this.#past.push(progress);
    for (const listener of this.#listeners) listener(progress);
  }

  /**
   * Tells what has happened, and then what happens.
   * @returns ends it
   */
  follow(listener: (progress: Progress) => void): () => void {
    for (const progress of this.#past) listener(progress);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
