import { describeRemain } from "../../../lab/checks/remains/words.js";
import type { Remain } from "../../../lab/protocol.js";
import { describeFault } from "../faults/faults.js";

/** What tests leave in labs, a line each; the same once. */
export function listRemains(remains: readonly Remain[]): string[] {
  return [...new Set(remains.map((one) => (one.kind === "fault" ? describeFault(one.fault) : describeRemain(one))))];
}
