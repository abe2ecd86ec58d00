import type { Family } from "../../../generators/model/vocabulary.js";
import type { Fault, FaultKind } from "../../../lab/protocol.js";
import type { Conditions } from "../../../lab/spec.js";

/** What `lab break` offers: one table, of which help, completion, parsing and hints are made. */

/** What a word after the fault's name is. */
export type WordKind = "HOST" | "SITE" | "OTHER" | "UNIT" | "FAMILY" | "BYTES";

/** Words that were checked against a lab. */
export interface FaultWords {
  readonly HOST: string;
  readonly SITE: string;
  /** Another site. */
  readonly OTHER: string;
  readonly UNIT: string;
  readonly FAMILY: Family;
  readonly BYTES: number;
}

/** Options that only some faults have. */
export interface FaultOptions {
  readonly restart: boolean;
  readonly conditions: Partial<Conditions>;
}

export interface FaultDefinition {
  readonly kind: FaultKind;
  readonly words: readonly WordKind[];
  readonly takes: readonly (keyof FaultOptions)[];
  readonly summary: string;
  /** Whether `lab heal` undoes it. */
  readonly heals: boolean;
  /** Its words are those of `words`; no other may be read. */
  readonly make: (words: FaultWords, options: FaultOptions) => Fault;
}

export const FAULTS: readonly FaultDefinition[] = [
  {
    kind: "kill",
    words: ["HOST"],
    takes: [],
    summary: "a host loses its power; healed, it boots again",
    heals: true,
    make: ({ HOST }) => ({ kind: "kill", host: HOST }),
  },
  {
    kind: "freeze",
    words: ["HOST"],
    takes: [],
    summary: "a host hangs, and comes back as it was",
    heals: true,
    make: ({ HOST }) => ({ kind: "freeze", host: HOST }),
  },
  {
    kind: "kill-unit",
    words: ["HOST", "UNIT"],
    takes: ["restart"],
    summary: "a daemon dies, and stays dead without --restart",
    heals: true,
    make: ({ HOST, UNIT }, { restart }) => ({ kind: "kill-unit", host: HOST, unit: UNIT, restart }),
  },
  {
    kind: "cut",
    words: ["SITE"],
    takes: [],
    summary: "a site loses its line to the internet",
    heals: true,
    make: ({ SITE }) => ({ kind: "cut", site: SITE }),
  },
  {
    kind: "slow",
    words: ["SITE"],
    takes: ["conditions"],
    summary: "a site's line gets --delay, --loss or a --rate",
    heals: true,
    make: ({ SITE }, { conditions }) => ({ kind: "slow", site: SITE, ...conditions }),
  },
  {
    kind: "partition",
    words: ["SITE", "OTHER"],
    takes: [],
    summary: "two sites reach all others, but not each other",
    heals: true,
    make: ({ SITE, OTHER }) => ({ kind: "partition", site: SITE, other: OTHER }),
  },
  {
    kind: "renumber",
    words: ["SITE"],
    takes: [],
    summary: "a dynamic site changes its address, for good",
    heals: false,
    make: ({ SITE }) => ({ kind: "renumber", site: SITE }),
  },
  {
    kind: "drop-family",
    words: ["SITE", "FAMILY"],
    takes: [],
    summary: "a site's line carries no ipv4, or no ipv6",
    heals: true,
    make: ({ SITE, FAMILY }) => ({ kind: "drop-family", site: SITE, family: FAMILY }),
  },
  {
    kind: "shrink-mtu",
    words: ["SITE", "BYTES"],
    takes: [],
    summary: "a site's line drops larger packets silently",
    heals: true,
    make: ({ SITE, BYTES }) => ({ kind: "shrink-mtu", site: SITE, bytes: BYTES }),
  },
];

/** Options of a fault as its usage shows them. */
const OPTION_USAGE: Readonly<Record<keyof FaultOptions, string>> = {
  restart: " [--restart]",
  conditions: " [--delay MS] [--loss PERCENT] [--rate MBIT]",
};

/** `kill-unit HOST UNIT [--restart]` */
export function usageOf({ kind, words, takes }: FaultDefinition): string {
  return `${[kind, ...words].join(" ")}${takes.map((option) => OPTION_USAGE[option]).join("")}`;
}

/** A line a fault, for help. */
export function listFaults(faults: readonly FaultDefinition[] = FAULTS): string {
  const width = Math.max(...faults.map(({ kind, words }) => [kind, ...words].join(" ").length));
  return faults
    .map((fault) => `  ${[fault.kind, ...fault.words].join(" ").padEnd(width)}  ${fault.summary}`)
    .join("\n");
}

/** A fault's words, as a person typed them: `cut madrid`. */
export function describeFault(fault: Fault): string {
  const { kind } = fault;
  switch (kind) {
    case "kill":
    case "freeze":
      return `${kind} ${fault.host}`;
    case "cut":
    case "renumber":
      return `${kind} ${fault.site}`;
    case "slow": {
      const { delayMs, lossPercent, rateMbit } = fault;
      const delay = delayMs === undefined ? "" : ` --delay ${delayMs}`;
      const loss = lossPercent === undefined ? "" : ` --loss ${lossPercent}`;
      return `${kind} ${fault.site}${delay}${loss}${rateMbit == null ? "" : ` --rate ${rateMbit}`}`;
    }
    case "partition":
      return `${kind} ${fault.site} ${fault.other}`;
    case "kill-unit":
      return `${kind} ${fault.host} ${fault.unit}${fault.restart ? " --restart" : ""}`;
    case "drop-family":
      return `${kind} ${fault.site} ${fault.family}`;
    case "shrink-mtu":
      return `${kind} ${fault.site} ${fault.bytes}`;
    default: {
      const never: never = kind;
      return never;
    }
  }
}
