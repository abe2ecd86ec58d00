import type { Progress } from "../../protocol.js";

/** Whether nothing comes after it. */
export function isLast({ kind }: Progress): boolean {
  return kind === "ready" || kind === "failed";
}

/** What happens until the lab is ready, for everybody who asks, from the beginning. */
export class ProgressLog {
  readonly #past: Progress[] = [];
  readonly #listeners = new Set<(progress: Progress) => void>();

  add(progress: Progress): void {
    const last = this.#past.at(-1);
    if (last !== undefined && isLast(last)) return;
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
