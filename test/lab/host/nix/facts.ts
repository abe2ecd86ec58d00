import { readFileSync } from "node:fs";
import type { NixTree, NixValue } from "../../../../generators/model/input.js";
import { parseIni, parseUnbound } from "./notations.js";

/** What `facts.nix` says of a host on NixOS, in the same flat notation as what a lab has: see `DIFFERENCES`. */

/** Values by where they are. */
export type Facts = Map<string, string>;

interface NixosUnit {
  readonly after: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly preStart: string;
  readonly script: string;
  readonly serviceConfig: NixTree;
}

/** What `facts.nix` evaluates to. */
export interface NixosFacts {
  readonly etc: Readonly<Record<string, string | null>>;
  readonly ruleset: string;
  readonly sysctl: NixTree;
  readonly networkd: Readonly<Record<string, string>>;
  readonly units: Readonly<Record<string, NixosUnit>>;
  readonly timers: Readonly<Record<string, NixTree>>;
  /** Scripts that lay a disk out, by disk; no lab has them. */
  readonly disks: Readonly<Record<string, string>>;
  /** Devices by where they are mounted. */
  readonly mounts: Readonly<Record<string, string>>;
}

/** The facts by fleet and host. @param file as scripts/lab-facts.mjs writes it */
export function readFacts(file: string): ReadonlyMap<string, ReadonlyMap<string, NixosFacts>> {
  const all = JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, NixosFacts>>;
  return new Map(Object.entries(all).map(([folder, hosts]) => [folder, new Map(Object.entries(hosts))]));
}

/** NixOS's side. @param nameKey the host of a WireGuard key, or the key itself */
export function nixosFacts(given: NixosFacts, nameKey: (key: string) => string): Facts {
  const facts: Facts = new Map();
  for (const [name, text] of Object.entries(given.etc)) addFile(facts, `/etc/${name}`, etcText(name, text));
  addRuleset(facts, given.ruleset);
  for (const [key, value] of Object.entries(given.sysctl))
    if (value !== null) facts.set(`sysctl:${key}`, scalar(value));
  for (const [unit, text] of Object.entries(given.networkd)) addNetworkd(facts, unit, parseIni(text), nameKey);
  for (const [name, unit] of Object.entries(given.units)) addNixosUnit(facts, name, unit);
  return facts;
}

/** The module writes `localhost` in any case. */
function etcText(name: string, text: string | null): string | null {
  return name === "hosts" ? `127.0.0.1 localhost\n::1 localhost\n${text ?? ""}` : text;
}

/** A file with settings is a fact for each; any other is one. A text that nobody knows is empty. */
export function addFile(facts: Facts, path: string, text: string | null): void {
  const where = `file:${path}`;
  if (text !== null && path.endsWith(".json")) flatten(facts, `${where}:`, JSON.parse(text) as NixValue);
  else if (text !== null && path.endsWith("unbound.conf"))
    for (const [key, value] of parseUnbound(text)) facts.set(`${where}:${key}`, value);
  else facts.set(where, (text ?? "").trim());
}

/** A table is a fact. Line breaks, comments and what empties tables before do not count. */
export function addRuleset(facts: Facts, text: string): void {
  const lines = text.split("\n").filter((line) => !/^\s*(#|include )/.test(line));
  const rules = lines.filter((line) => !/^(delete )?table \S+ \S+$/.test(line)).join(" ");
  const plain = rules.replaceAll(/\s+/g, " ").replaceAll(", }", " }").replaceAll("untracked:", "untracked :");
  for (const table of plain.split(/(?=table inet )/).filter((part) => part.trim() !== "")) {
    facts.set(`rules:${/^table inet (\S+)/.exec(table)?.[1]}`, table.trim());
  }
}

/** @param lines `Section:Key=value`; several peers or routes of a unit are told apart by their order */
export function addNetworkd(
  facts: Facts,
  unit: string,
  lines: readonly string[],
  nameKey: (key: string) => string,
): void {
  const named = lines.map((line) => line.replace(/(?<=:PublicKey=).*/, nameKey));
  for (const [key, values] of group(named)) facts.set(`networkd:${unit}:${key}`, values.join(" "));
}

function group(lines: readonly string[]): Map<string, string[]> {
  const grouped = new Map<string, string[]>();
  for (const line of lines) {
    const [key = "", value = ""] = [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)];
    grouped.set(key, [...(grouped.get(key) ?? []), value]);
  }
  return grouped;
}

/** Variables that NixOS gives to every unit. */
const EVERY_UNITS = new Set(["PATH", "LOCALE_ARCHIVE", "TZDIR"]);

function addNixosUnit(facts: Facts, name: string, unit: NixosUnit): void {
  const set = (setting: string, value: string) => facts.set(`unit:${name}:${setting}`, value);
  const { ExecStart, ExecStartPre: _, ...config } = unit.serviceConfig;
  facts.set(`unit:${name}`, "");
  set("ExecStart", unit.script === "" ? plainPath(String(ExecStart)) : unit.script);
  if (unit.preStart.trim() !== "") set("preStart", unit.preStart);
  set("after", unit.after.toSorted().join(" "));
  for (const [key, value] of Object.entries(unit.environment))
    if (!EVERY_UNITS.has(key)) set(`environment.${key}`, value);
  for (const [key, value] of Object.entries(config)) set(key, setting(key, value));
}

function setting(key: string, value: NixValue | undefined): string {
  if (key === "RestartSec") return String(Number.parseInt(String(value), 10));
  if (key.startsWith("Exec")) return plainPath(String(value));
  return [value].flat().map(scalar).sort().join(" ");
}

/** `@/nix/store/…/bin/consul consul agent`: a program, the name that it goes by, its arguments. */
function plainPath(command: string): string {
  const named = /^@\S+ (.*)$/s.exec(command)?.[1];
  return (named ?? command).replaceAll(/(\/nix\/store\/[^/ ]+|\/run\/current-system\/sw)\/bin\//g, "").trim();
}

function flatten(facts: Facts, prefix: string, value: NixValue): void {
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0) {
    facts.set(prefix.replace(/:$/, ""), JSON.stringify(value));
    return;
  }
  for (const [key, inner] of Object.entries(value))
    flatten(facts, prefix.endsWith(":") ? `${prefix}${key}` : `${prefix}.${key}`, inner as NixValue);
}

/** As systemd and sysctl write it. */
export function scalar(value: unknown): string {
  return typeof value === "boolean" ? String(Number(value)) : String(value);
}

/** What is not the same on both sides, sorted. A unit that only one side has is one difference. */
export function compareFacts(nixos: Facts, lab: Facts): string[] {
  const keys = new Set([...nixos.keys(), ...lab.keys()]);
  const units = [...keys].filter((key) => /^unit:[^:]+$/.test(key) && nixos.has(key) !== lab.has(key));
  const within = (key: string) => units.some((unit) => key.startsWith(`${unit}:`));
  return [...keys].filter((key) => nixos.get(key) !== lab.get(key) && !within(key)).sort();
}
