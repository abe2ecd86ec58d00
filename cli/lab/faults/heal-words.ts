import { UserError } from "../../../generators/model/problem.js";
import type { Fault, HealRequest } from "../../../lab/protocol.js";
import { conditionsIn } from "../../../lab/run/faults.js";
import type { Conditions } from "../../../lab/spec.js";
import type { CommandOptions } from "../../context.js";
import { CONDITION_NAMES, readConditionsToHeal } from "./conditions.js";
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

/** What of a fault the options mean: all of it where there are none, and of a slow line what they name, if it is as slow as they say. */
function partOf(fault: Fault, conditions: ReadonlyMap<keyof Conditions, number | null>): readonly Fault[] {
  if (conditions.size === 0) return [fault];
  if (fault.kind !== "slow") return [];
  const { kind, site } = fault;
  const names = [...conditions.keys()];
  const isSo = names.every(
    (name) => fault[name] !== undefined && (conditions.get(name) ?? fault[name]) === fault[name],
  );
  return isSo ? [{ kind, site, ...Object.fromEntries(names.map((name) => [name, fault[name]])) }] : [];
}

/** The options as they were typed. */
function typedOptions(options: CommandOptions): string[] {
  return CONDITION_NAMES.flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [`--${name}`, ...(typeof value === "string" ? [value] : [])];
  });
}

/**
 * The faults that words name, the first of which may be all: `cut`, `cut madrid`. With options of `slow` what they name of it.
 * @param broken what is broken now
 * @throws UserError where none of it is meant
 */
export function selectBroken(
  broken: readonly Fault[],
  [kind, ...words]: readonly string[],
  options: CommandOptions = {},
): readonly Fault[] {
  const conditions = readConditionsToHeal(options);
  const typed = typedOptions(options);
  if (conditions.size > 0 && kind !== "slow") {
    throw new UserError(
      `${kind ?? "heal"} has no option ${typed[0]}`,
      "that is for slow: meshflake lab heal slow SITE",
    );
  }
  if (kind === undefined) return broken.filter((fault) => requireFault(fault.kind).heals);
  const { heals } = requireFault(kind);
  if (!heals) throw new UserError(`nothing heals ${kind}`, "a line like that keeps its new address; renumber it again");
  const named = broken.filter((fault) => fault.kind === kind && matches(fault, words));
  const meant = named.flatMap((fault) => partOf(fault, conditions));
  if (meant.length > 0) return meant;
  throw new UserError(`\`${[kind, ...words, ...typed].join(" ")}\` is not broken`, describeBroken(broken));
}

/** What the lab is asked for, to heal one fault, or what is meant of it. */
export function toHealRequest(fault: Fault): HealRequest {
  const { kind } = fault;
  return {
    kind,
    ...("host" in fault && { host: fault.host }),
    ...("site" in fault && { site: fault.site }),
    ...("unit" in fault && { unit: fault.unit }),
    ...("other" in fault && { other: fault.other }),
    ...("family" in fault && { family: fault.family }),
    ...(fault.kind === "slow" && { conditions: conditionsIn(fault) }),
  };
}
