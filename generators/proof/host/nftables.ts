import { covers, type Prefix, PrefixReader } from "../sets/prefixes.js";

/** The part of the nftables language that generated rules use; a rule with anything else in it matches nothing here. */

export interface PacketInfo {
  readonly in: string;
  /** Missing for packets to the host itself. */
  readonly out?: string;
  readonly source: number;
  readonly destination: number;
  readonly protocol: "tcp" | "udp";
  readonly port: number;
}

export interface NftRule {
  readonly in: readonly string[] | null;
  readonly out: readonly string[] | null;
  readonly source: readonly Prefix[] | null;
  readonly destination: readonly Prefix[] | null;
  readonly protocols: readonly string[] | null;
  readonly ports: readonly { readonly from: number; readonly to: number }[] | null;
  readonly accept: boolean;
}

type Draft = { -readonly [K in keyof NftRule]: NftRule[K] };

const TOKENS = /"[^"]*"|[{}]|[^\s{},;]+/g;
const prefixes = new PrefixReader();

/** Reads the values of a match: one, or a set in braces. */
function readValues(tokens: string[]): string[] {
  const first = tokens.shift();
  if (first !== "{") return first === undefined ? [] : [first.replaceAll('"', "")];
  const values: string[] = [];
  for (let token = tokens.shift(); token !== undefined && token !== "}"; token = tokens.shift()) {
    values.push(token.replaceAll('"', ""));
  }
  return values;
}

function readPrefixes(values: readonly string[]): Prefix[] {
  return values.flatMap((value) => prefixes.read(value) ?? []);
}

function readPorts(values: readonly string[]): { from: number; to: number }[] {
  return values.map((value) => {
    const [from = "", to = from] = value.split("-");
    return { from: Number(from), to: Number(to) };
  });
}

/** Reads one match or statement into the rule. @returns whether it is understood */
function readMatch(tokens: string[], rule: Draft): boolean {
  const word = tokens.shift();
  const field = `${word} ${tokens[0] ?? ""}`;
  if (word === "iifname" || word === "iif") rule.in = readValues(tokens);
  else if (word === "oifname" || word === "oif") rule.out = readValues(tokens);
  else if (field === "ip saddr") rule.source = readPrefixes(readValues(skip(tokens)));
  else if (field === "ip daddr") rule.destination = readPrefixes(readValues(skip(tokens)));
  else if (field === "tcp dport" || field === "udp dport") {
    rule.protocols = word === undefined ? null : [word];
    rule.ports = readPorts(readValues(skip(tokens)));
  } else if (field === "th dport") rule.ports = readPorts(readValues(skip(tokens)));
  else if (field === "meta l4proto" || field === "ip protocol") rule.protocols = readValues(skip(tokens));
  else if (field === "ct state") return readValues(skip(tokens)).some((state) => state.split(",").includes("new"));
  else if (word === "comment") readValues(tokens);
  else if (word === "counter") return true;
  else if (word === "accept" || word === "drop" || word === "reject") rule.accept = word === "accept";
  else return false;
  return true;
}

function skip(tokens: string[]): string[] {
  tokens.shift();
  return tokens;
}

/** @returns null for a comment, an empty line, or a rule that is not understood */
export function parseRule(text: string): NftRule | null {
  const tokens = [...(text.startsWith("#") ? "" : text).matchAll(TOKENS)].map(([token]) => token);
  if (!tokens.some((token) => token === "accept" || token === "drop" || token === "reject")) return null;
  const rule: Draft = {
    in: null,
    out: null,
    source: null,
    destination: null,
    protocols: null,
    ports: null,
    accept: false,
  };
  while (tokens.length > 0) if (!readMatch(tokens, rule)) return null;
  return rule;
}

/** Whether an interface's name is one of these; a name may end in `*`. */
export function matchesName(patterns: readonly string[] | null, name: string | undefined): boolean {
  if (patterns === null) return true;
  if (name === undefined) return false;
  return patterns.some((pattern) => (pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name));
}

function matches(rule: NftRule, packet: PacketInfo): boolean {
  return (
    matchesName(rule.in, packet.in) &&
    matchesName(rule.out, packet.out) &&
    (rule.source === null || rule.source.some((prefix) => covers(prefix, packet.source))) &&
    (rule.destination === null || rule.destination.some((prefix) => covers(prefix, packet.destination))) &&
    (rule.protocols === null || rule.protocols.includes(packet.protocol)) &&
    (rule.ports === null || rule.ports.some(({ from, to }) => from <= packet.port && packet.port <= to))
  );
}

/** What the first rule that matches says; null where none does. */
export function decide(rules: readonly NftRule[], packet: PacketInfo): boolean | null {
  for (const rule of rules) if (matches(rule, packet)) return rule.accept;
  return null;
}
