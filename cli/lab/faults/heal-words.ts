import { UserError } from "../../../generators/model/problem.js";
import type { Fault, HealRequest } from "../../../lab/protocol.js";
import { requireFault } from "./fault-words.js";
import { describeFault } from "./faults.js";

/** Which of a lab's faults `lab heal` means. */

/** A fault's own words, in the order in which they are typed. */
function wordsOf(fault: Fault): string[] {
  const { words } = requireFault(fault.kind);
  const typed = describeFault(fault).split(" ");
  return typed.slice(1, 1 + words.length);
}

/** Two sites are parted whichever comes first. */
function matches(fault: Fault, words: readonly string[]): boolean {
  const own = wordsOf(fault);
  const begins = (all: readonly string[]) => words.every((word, index) => word === all[index]);
  return begins(own) || (fault.kind === "partition" && begins(own.toReversed()));
}

function describeBroken(faults: readonly Fault[]): string {
  const healable = faults.filter(({ kind }) => requireFault(kind).heals);
  if (healable.length === 0) return "nothing is broken";
  return `broken is: ${healable.map(describeFault).join("; ")}`;
}

/**
 * The faults that words name, the first of which may be all: `cut`, `cut madrid`.
 * @param broken what is broken now
 * @throws UserError where none of it is meant
 */
export function selectBroken(broken: readonly Fault[], [kind, ...words]: readonly string[]): readonly Fault[] {
  if (kind === undefined) return broken.filter((fault) => requireFault(fault.kind).heals);
  const { heals } = requireFault(kind);
  if (!heals) throw new UserError(`nothing heals ${kind}`, "a line like that keeps its new address; renumber it again");
  const meant = broken.filter((fault) => fault.kind === kind && matches(fault, words));
  if (meant.length > 0) return meant;
  throw new UserError(`\`${[kind, ...words].join(" ")}\` is not broken`, describeBroken(broken));
}

/** What the lab is asked for, to heal one fault. */
export function toHealRequest(fault: Fault): HealRequest {
  const { kind } = fault;
  return {
    kind,
    ...("host" in fault && { host: fault.host }),
    ...("site" in fault && { site: fault.site }),
    ...("unit" in fault && { unit: fault.unit }),
    ...("other" in fault && { other: fault.other }),
  };
}
