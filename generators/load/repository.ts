import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { LoadedFile, LoadedRepository } from "../model/inputs.js";
import type { Problem } from "../model/problem.js";
import { type Evaluation, evaluateFiles } from "./bundle/evaluate.js";
import { type Kind, type Unwrapped, unwrapDefault, unwrapValue } from "./exports.js";
import { ENVIRONMENTS_FOLDER, findEnvironmentFiles, findFleetFiles, HOSTS_FOLDER, type SourceFile } from "./files.js";
import { readJson } from "./json.js";
import { loadLock } from "./lock/load.js";
import { listNames, suggestName } from "./nearest.js";
import { FILE_START, problemAt, problemIn } from "./problems.js";

export interface LoadOptions {
  /** The environment's name; the fleet itself where it is left out. */
  readonly environment?: string;
}

interface Entry extends SourceFile {
  readonly kind: Kind;
}

/**
 * Reads a fleet's repository: host files, the fleet file, one environment and the lock. Nothing is thrown for what is the
 * user's to mend: it is in `problems`, all of it at once.
 * @param path the repository
 */
export async function loadRepository(path: string, options: LoadOptions = {}): Promise<LoadedRepository> {
  const root = realpathSync(path);
  const problems: Problem[] = [];
  const found = findEntries(root, options, problems);
  const lockFile = `${HOSTS_FOLDER}/${options.environment === undefined ? "fleet" : `environments/${options.environment}`}.lock.json`;
  const [values, { lock, problems: lockProblems }] = await Promise.all([
    readEntries(root, found.entries, problems),
    loadLock(root, lockFile),
  ]);
  problems.push(...lockProblems);
  const filesOf = (kind: Kind) => [...values].filter(([entry]) => entry.kind === kind).map(([, file]) => file);
  const hosts = filesOf("host").sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    root,
    fleet: filesOf("fleet")[0] ?? null,
    hosts,
    hostNames: found.hostNames,
    environment: filesOf("environment")[0] ?? null,
    lock,
    lockFile,
    problems,
  };
}

/** The files to read, the fleet first. */
function findEntries(root: string, { environment }: LoadOptions, problems: Problem[]) {
  const { fleets, hosts, ignored } = findFleetFiles(root);
  const [fleet] = fleets;
  problems.push(...ignored.map(describeIgnored));
  if (fleet === undefined) problems.push(describeMissingFleet(root));
  else if (hosts.length === 0) {
    const problem = problemIn("no-hosts", fleet.file, [], "the fleet has no hosts", "add one with `meshflake add`");
    problems.push({ ...problem, severity: "warning" });
  }
  const entries: Entry[] = [];
  const add = (kind: Kind, files: readonly SourceFile[]) => {
    const seen = new Map<string, string>();
    for (const source of files) {
      const first = seen.get(source.name);
      if (first !== undefined) problems.push(describeDuplicate(source, first));
      else entries.push({ ...source, kind });
      seen.set(source.name, first ?? source.file);
    }
  };
  add("fleet", fleets);
  add("host", hosts);
  if (environment !== undefined) add("environment", findEnvironment(root, environment, problems));
  return { entries, hostNames: new Set(hosts.map(({ name }) => name)) };
}

function describeMissingFleet(root: string): Problem {
  const message = existsSync(join(root, HOSTS_FOLDER)) ? "there is no fleet file" : "there is no `hosts` folder";
  const hint = "write `export default defineFleet({ … })` there, or begin with `meshflake init`";
  return problemAt("no-fleet", `${HOSTS_FOLDER}/fleet.ts`, FILE_START, message, hint);
}

function describeIgnored(file: string): Problem {
  const message = "is no host: its name ends in none of .ts, .mts, .js, .mjs and .json";
  const hint = "rename it; or begin its name with `_`, if it is no host";
  return { ...problemAt("host-ignored", file, FILE_START, message, hint), severity: "warning" };
}

function describeDuplicate({ name, file }: SourceFile, first: string): Problem {
  const message = `is named \`${name}\` like ${first}`;
  const hint = "rename one of them, or remove it; folders only group, and the file's name is the host's";
  return problemAt("duplicate-host", file, FILE_START, message, hint);
}

function findEnvironment(root: string, name: string, problems: Problem[]): readonly SourceFile[] {
  const all = findEnvironmentFiles(root);
  const matching = all.filter((source) => source.name === name);
  if (matching.length === 0) {
    const known = [...new Set(all.map((source) => source.name))];
    const there = known.length === 0 ? "" : `; there ${known.length === 1 ? "is" : "are"} ${listNames(known, "and")}`;
    const hint = known.length === 0 ? "write that file to describe it" : suggestName(name, known);
    const message = `no environment is named \`${name}\`${there}`;
    problems.push(problemAt("unknown-environment", `${ENVIRONMENTS_FOLDER}/${name}.ts`, FILE_START, message, hint));
  }
  return matching;
}

async function readEntries(root: string, entries: readonly Entry[], problems: Problem[]) {
  const values = new Map<Entry, LoadedFile<unknown>>();
  const isJson = ({ file }: Entry) => file.endsWith(".json");
  const modules = entries.filter((entry) => !isJson(entry)).map(({ file }) => file);
  const evaluation = modules.length === 0 ? null : await evaluateFiles(root, modules);
  const fleetProblems: Problem[] = [];
  for (const entry of entries) {
    const result = isJson(entry) ? await readJsonEntry(root, entry) : readModule(entry, evaluation);
    if (result === null) continue;
    if ("value" in result) values.set(entry, { name: entry.name, file: entry.file, value: result.value });
    else (entry.kind === "fleet" ? fleetProblems : problems).push(result.problem);
  }
  const fleetFile = entries.find(({ kind }) => kind === "fleet")?.file;
  problems.push(
    ...fleetProblems,
    ...withoutConsequences(evaluation?.problems ?? [], fleetFile, fleetProblems.length > 0),
  );
  return values;
}

async function readJsonEntry(root: string, { kind, file }: Entry): Promise<Unwrapped> {
  const result = await readJson(root, file, "syntax");
  return "problem" in result ? result : unwrapValue(kind, file, result.value);
}

function readModule({ kind, file }: Entry, evaluation: Evaluation | null): Unwrapped | null {
  const exports = evaluation?.exports.get(file);
  // A broken file has its own problem, unless all that is wrong is the default export that others import.
  if (exports === undefined && evaluation?.failed.has(file)) return null;
  return unwrapDefault(kind, file, exports);
}

/** What a host throws that calls a builder of something that is no fleet. */
const WITHOUT_BUILDERS = /^throws TypeError: .*(is not a function|of (undefined|null)\b)|^there is no builder /;

/** Problems of hosts that only say that the fleet file has none to offer, or the wrong thing. */
function withoutConsequences(problems: readonly Problem[], fleet: string | undefined, wrongExport: boolean) {
  return problems.filter(({ code, message, origins }) => {
    if (origins[0]?.file === fleet) return true;
    if (fleet === undefined && code === "import" && /\/fleet(\.\w+)?`$/.test(message)) return false;
    return !(wrongExport && code === "host-throws" && WITHOUT_BUILDERS.test(message));
  });
}
