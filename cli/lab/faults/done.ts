import { FAMILY_NAME } from "../../../generators/validate/rules/network/notation.js";
import type { Fault, SiteStatus } from "../../../lab/protocol.js";

/** What `lab break` has done, in words of the fault at hand. */

/** A dynamic site's public address before and after. */
export interface Move {
  readonly from: string | null;
  readonly to: string | null;
}

/** Null where a fault moves nothing. */
export function findMove(fault: Fault, before: readonly SiteStatus[], after: readonly SiteStatus[]): Move | null {
  if (fault.kind !== "renumber") return null;
  const find = (sites: readonly SiteStatus[]) => sites.find(({ name }) => name === fault.site)?.wan4 ?? null;
  return { from: find(before), to: find(after) };
}

function describeSlow({ delayMs, lossPercent, rateMbit }: Extract<Fault, { kind: "slow" }>): string {
  return [
    ...(delayMs === undefined ? [] : [`takes ${delayMs} ms each way`]),
    ...(lossPercent === undefined ? [] : [`loses ${lossPercent} percent of the packets`]),
    ...(rateMbit == null ? [] : [`carries ${rateMbit} Mbit/s`]),
  ].join(", ");
}

/** @param move of a `renumber` */
export function describeDone(fault: Fault, move: Move | null): string {
  switch (fault.kind) {
    case "kill":
      return `${fault.host} has lost its power; healed, it boots again`;
    case "freeze":
      return `${fault.host} hangs; healed, it goes on as it was`;
    case "kill-unit":
      return fault.restart
        ? `${fault.unit} on ${fault.host} was killed, and comes back as its unit says`
        : `${fault.unit} on ${fault.host} was killed, and stays dead until it is healed`;
    case "cut":
      return `${fault.site} has lost its line to the internet`;
    case "slow":
      return `the line of ${fault.site} ${describeSlow(fault)}`;
    case "partition":
      return `${fault.site} and ${fault.other} reach all others, but not each other`;
    case "renumber":
      return `${fault.site} has the public address ${move?.to ?? "unknown"} now, and had ${move?.from ?? "none"}`;
    case "drop-family":
      return `the line of ${fault.site} carries no ${FAMILY_NAME[fault.family]} any more`;
    case "shrink-mtu":
      return `the line of ${fault.site} drops packets of more than ${fault.bytes} bytes silently`;
    default:
      return fault satisfies never;
  }
}
