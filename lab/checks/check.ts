import type { Harness } from "./harness/harness.js";
import type { CheckName, Verdict } from "./report.js";

/** Something that a lab's fleet must do, or withstand. */
export interface Check {
  readonly name: CheckName;
  /** What is true when it passes. */
  readonly title: string;
  /** May leave the lab broken: whoever runs checks heals it afterwards. */
  readonly run: (harness: Harness) => Promise<Verdict>;
}
