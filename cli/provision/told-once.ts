import type { Program } from "./automation.js";

/** A program whose error is told once. */

/** The stack's own resource while a program runs, as far as it is looked at. */
interface RunningStack {
  readonly outputs?: object;
}

/**
 * The Automation API lets a program's error through to the engine, which prints it. What it derived of the stack's outputs is rejected
 * with the same error and heard by nobody, so that Pulumi prints it once more, as unhandled. Here these are heard.
 * @param stackOf finds the stack while its program runs
 */
export function tellOnce(program: Program, stackOf: () => RunningStack | undefined): Program {
  return async () => {
    try {
      return await program();
    } catch (error) {
      for (const derived of Object.values(stackOf()?.outputs ?? {}))
        if (derived instanceof Promise) derived.catch(() => {});
      throw error;
    }
  };
}
