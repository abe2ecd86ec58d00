import { isDeepStrictEqual } from "node:util";
import type { Remain, TestHolder, TestStatus } from "../../protocol.js";
import { LabError } from "./error.js";
import { Held } from "./held.js";

/**
 * Which test is under way in a lab, and what it has made. The lab itself keeps that: it sees the end of a process that is killed, and
 * its memory lasts exactly as long as there is anything to take back.
 */
export class TestLog {
  #holder: TestHolder | null = null;
  #connections = 0;
  #remains: readonly Remain[] = [];

  get status(): TestStatus {
    return { holder: this.#holder, remains: this.#remains };
  }

  /**
   * @returns what is held as long as the test is under way
   * @throws LabError where another one is
   */
  begin(holder: TestHolder): Held {
    if (this.#holder !== null) {
      throw new LabError(
        409,
        `a test is under way in this lab: process ${this.#holder.pid}`,
        "wait until it has ended, or interrupt it; without --use a test has a lab of its own",
      );
    }
    this.#holder = holder;
    return this.#hold();
  }

  /**
   * For a program of the test, which may live on for a moment after the process that began it.
   * @throws LabError where none is under way
   */
  join(): Held {
    if (this.#holder === null) throw new LabError(409, "no test is under way in this lab");
    return this.#hold();
  }

  made(remains: readonly Remain[]): object {
    this.gone(remains);
    this.#remains = [...this.#remains, ...remains];
    return {};
  }

  gone(remains: readonly Remain[]): object {
    this.#remains = this.#remains.filter((one) => !remains.some((other) => isDeepStrictEqual(one, other)));
    return {};
  }

  #hold(): Held {
    this.#connections += 1;
    return new Held(async () => {
      this.#connections -= 1;
      if (this.#connections === 0) this.#holder = null;
    });
  }
}
