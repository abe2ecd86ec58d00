import { listNames, suggestName } from "../../../generators/load/nearest.js";
import { UserError } from "../../../generators/model/problem.js";
import { FAMILIES } from "../../../generators/model/vocabulary.js";
import type { Fault } from "../../../lab/protocol.js";
import type { HostSpec, LabSpec, SiteSpec } from "../../../lab/spec.js";
import { whyFixed } from "../../../lab/world/renumber.js";
import type { CommandOptions } from "../../context.js";
import { parseNumber } from "../numbers.js";
import { CONDITION_NAMES, readConditions } from "./conditions.js";
import { FAULTS, type FaultDefinition, type FaultWords, usageOf, type WordKind } from "./faults.js";

/** Reads the words of `lab break` and checks them against a lab. */

type Draft = { -readonly [Kind in WordKind]?: FaultWords[Kind] };

function usageHint(fault: FaultDefinition): string {
  return `meshflake lab break ${usageOf(fault)}`;
}

/** @throws UserError where there is no such fault */
export function requireFault(word: string | undefined): FaultDefinition {
  const fault = FAULTS.find(({ kind }) => kind === word);
  if (fault !== undefined) return fault;
  const kinds = FAULTS.map(({ kind }) => kind);
  if (word === undefined) throw new UserError("no fault is named", `choose ${listNames(kinds, "or")}`);
  throw new UserError(`no fault is named \`${word}\``, suggestName(word, kinds));
}

function requireHost({ hosts }: LabSpec, word: string): HostSpec {
  const host = hosts.find(({ name }) => name === word);
  if (host !== undefined) return host;
  throw new UserError(
    `HOST: the lab has no host \`${word}\``,
    suggestName(
      word,
      hosts.map(({ name }) => name),
    ),
  );
}

function requireSite({ world }: LabSpec, word: string, what: WordKind): SiteSpec {
  const site = world.sites.find(({ name }) => name === word);
  if (site !== undefined) return site;
  throw new UserError(
    `${what}: the lab has no site \`${word}\``,
    suggestName(
      word,
      world.sites.map(({ name }) => name),
    ),
  );
}

function requireUnit({ name, units }: HostSpec, word: string): string {
  const names = units.map((unit) => unit.name);
  if (names.includes(word)) return word;
  throw new UserError(`UNIT: ${name} has no unit \`${word}\``, suggestName(word, names));
}

function requireFamily(site: SiteSpec, word: string): FaultWords["FAMILY"] {
  const family = FAMILIES.find((one) => one === word);
  if (family === undefined) throw new UserError(`FAMILY: \`${word}\` is neither ipv4 nor ipv6`);
  if (site[family] !== "none") return family;
  const own = FAMILIES.filter((one) => site[one] !== "none");
  throw new UserError(
    `FAMILY: ${site.name} has no ${family}, so there is nothing to drop`,
    own.length === 0 ? undefined : `it has ${own.join(" and ")}`,
  );
}

/** The least that every IPv4 host takes in one piece (RFC 791). */
const LEAST_MTU = 576;

function parseWord(lab: LabSpec, kind: WordKind, word: string, draft: Draft): void {
  const site = () => requireSite(lab, draft.SITE ?? "", "SITE");
  switch (kind) {
    case "HOST":
      draft.HOST = requireHost(lab, word).name;
      return;
    case "SITE":
      draft.SITE = requireSite(lab, word, "SITE").name;
      return;
    case "OTHER":
      draft.OTHER = requireSite(lab, word, "OTHER").name;
      if (draft.OTHER === draft.SITE) throw new UserError(`OTHER: \`${word}\` is the same site`, "name two sites");
      return;
    case "UNIT":
      draft.UNIT = requireUnit(requireHost(lab, draft.HOST ?? ""), word);
      return;
    case "FAMILY":
      draft.FAMILY = requireFamily(site(), word);
      return;
    case "BYTES":
      draft.BYTES = parseNumber(word, "BYTES", { least: LEAST_MTU, most: site().mtu - 1, unit: "bytes" });
      return;
    default: {
      const never: never = kind;
      throw new Error(`no word is a ${String(never)}`);
    }
  }
}

function checkCount(fault: FaultDefinition, words: readonly string[]): void {
  const missing = fault.words[words.length];
  if (missing !== undefined) throw new UserError(`${fault.kind}: ${missing} is missing`, usageHint(fault));
  const more = words[fault.words.length];
  if (more !== undefined) throw new UserError(`${fault.kind}: \`${more}\` is one word too many`, usageHint(fault));
}

function checkOptions(fault: FaultDefinition, options: CommandOptions): void {
  const refuse = (name: string, owner: string) => {
    throw new UserError(
      `${fault.kind} has no option --${name}`,
      `that is for ${owner}: ${usageHint(requireFault(owner))}`,
    );
  };
  if (!fault.takes.includes("restart") && options.restart === true) refuse("restart", "kill-unit");
  const given = CONDITION_NAMES.filter((name) => options[name] !== undefined);
  const [first] = given;
  if (!fault.takes.includes("conditions")) {
    if (first !== undefined) refuse(first, "slow");
  } else if (first === undefined) {
    throw new UserError(`${fault.kind}: nothing says how slow`, usageHint(fault));
  }
}

/**
 * @param words after `lab break`: the fault's name, and its own
 * @throws UserError with the word that is wrong, and what is right
 */
export function parseFault(lab: LabSpec, [name, ...words]: readonly string[], options: CommandOptions): Fault {
  const fault = requireFault(name);
  checkCount(fault, words);
  checkOptions(fault, options);
  const draft: Draft = {};
  fault.words.forEach((kind, index) => {
    parseWord(lab, kind, words[index] ?? "", draft);
  });
  if (fault.kind === "renumber") requireMovable(requireSite(lab, draft.SITE ?? "", "SITE"));
  return fault.make(draft as FaultWords, { restart: options.restart === true, conditions: readConditions(options) });
}

function requireMovable(site: SiteSpec): void {
  const fixity = whyFixed(site);
  if (fixity !== null) throw new UserError(`SITE: ${fixity.reason}`, fixity.hint);
}
