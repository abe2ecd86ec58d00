import type { Fault } from "../protocol.js";
import type { Conditions, Steps, WorldSpec } from "../spec.js";
import { deviceTo, INTERNET, lineName } from "./names.js";

/** Faults of the internet: what it drops on its way from and to a site. What stays at a site never comes here. */

const TABLE = "inet faults";

/** Rules for packets that come in from a line, or go out to it. */
interface Drops {
  readonly incoming: readonly string[];
  readonly outgoing: readonly string[];
}

/** The same in both directions. */
function onLine(site: string, what: string): Drops {
  const device = deviceTo(site);
  return { incoming: [`iifname "${device}" ${what}drop`], outgoing: [`oifname "${device}" ${what}drop`] };
}

/** What a fault drops; nothing where it is no fault of the internet. */
function dropsOf(fault: Fault): Drops {
  switch (fault.kind) {
    case "cut":
      return onLine(fault.site, "");
    case "drop-family":
      return onLine(fault.site, `meta nfproto ${fault.family} `);
    case "shrink-mtu":
      return onLine(fault.site, `meta length > ${fault.bytes} `);
    case "partition": {
      const [one, other] = [deviceTo(fault.site), deviceTo(fault.other)];
      const between = (from: string, to: string): string => `iifname "${from}" oifname "${to}" drop`;
      return { incoming: [], outgoing: [between(one, other), between(other, one)] };
    }
    case "slow":
    case "renumber":
    case "kill":
    case "freeze":
    case "kill-unit":
      return { incoming: [], outgoing: [] };
    default:
      return fault satisfies never;
  }
}

/**
 * The complete rules for exactly these faults, so that healing is the same with fewer. Neighbours still find each other: that is
 * the router's business on its own cable, and no packet of a site.
 */
export function faultSteps(world: WorldSpec, faults: readonly Fault[]): Steps[] {
  const sites = new Set(world.sites.map(({ name }) => name));
  const drops = faults.filter((fault) => !("site" in fault) || sites.has(fault.site)).map(dropsOf);
  const chain = (name: string, hook: string, rules: readonly string[]): string[] => [
    `  chain ${name} {`,
    `    type filter hook ${hook} priority raw; policy accept;`,
    "    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept",
    ...rules.map((rule) => `    ${rule}`),
    "  }",
  ];
  const nft = [
    `table ${TABLE}`,
    `delete table ${TABLE}`,
    `table ${TABLE} {`,
    ...chain(
      "incoming",
      "prerouting",
      drops.flatMap(({ incoming }) => incoming),
    ),
    ...chain(
      "outgoing",
      "postrouting",
      drops.flatMap(({ outgoing }) => outgoing),
    ),
    "}",
    "",
  ].join("\n");
  return [{ namespace: INTERNET, nft }];
}

/** How each site's line behaves with these faults, by the cable's name; where several slow one line, the last one says how. */
export function conditionsOf(world: WorldSpec, faults: readonly Fault[]): ReadonlyMap<string, Conditions> {
  return new Map(
    world.sites.map(({ name, conditions }) => {
      const slow = faults.flatMap((fault) => (fault.kind === "slow" && fault.site === name ? [changesOf(fault)] : []));
      return [lineName(name), Object.assign({ ...conditions }, ...slow)];
    }),
  );
}

function changesOf({ delayMs, lossPercent, rateMbit }: Partial<Conditions>): Partial<Conditions> {
  return {
    ...(delayMs !== undefined && { delayMs }),
    ...(lossPercent !== undefined && { lossPercent }),
    ...(rateMbit !== undefined && { rateMbit }),
  };
}
