import type { Fault } from "../../../lab/protocol.js";
import { describeFault } from "./faults.js";

/** What is broken in a lab, a fault a line. */
export function formatBroken(faults: readonly Fault[]): string {
  if (faults.length === 0) return "nothing is broken";
  return [
    "broken now:",
    ...faults.map((fault) => `  ${describeFault(fault)}`),
    "meshflake lab heal [FAULT] undoes it",
  ].join("\n");
}
