import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Which files of a repository make a fleet. Paths are relative to it, with forward slashes. */

export const HOSTS_FOLDER = "hosts";
export const ENVIRONMENTS_FOLDER = "hosts/environments";
/** The hosts' part of the lock; environments' are where no host is looked for. */
const FLEET_LOCKS = "hosts/fleet.lock";

/** TypeScript and JavaScript all the same, which nobody would find missing: what is written there counts for nothing. */
const FOREIGN = /\.[jt]sx$/;
const EXTENSION = /\.(ts|mts|js|mjs|json)$/;
/** JSON and TypeScript beside hosts that are not hosts. */
const OTHERS = /(\.d\.m?ts|\.lock\.json|^(tsconfig|jsconfig|package)\.json)$/;

export interface SourceFile {
  /** The file's name without its extension. */
  readonly name: string;
  readonly file: string;
}

export interface FleetFiles {
  /** More than one is a mistake. */
  readonly fleets: readonly SourceFile[];
  /** Sorted by path. */
  readonly hosts: readonly SourceFile[];
  /** Files that look like hosts, with an ending that no host has; relative to the repository, sorted. */
  readonly ignored: readonly string[];
}

/** Finds the fleet file and the host files; folders only group, and names that begin with `.` or `_` are no hosts. */
export function findFleetFiles(root: string): FleetFiles {
  const files: SourceFile[] = [];
  const ignored: string[] = [];
  collect(root, HOSTS_FOLDER, files, ignored);
  files.sort((a, b) => (a.file < b.file ? -1 : 1));
  const isFleet = ({ name, file }: SourceFile) => name === "fleet" && !file.includes("/", HOSTS_FOLDER.length + 1);
  return { fleets: files.filter(isFleet), hosts: files.filter((file) => !isFleet(file)), ignored: ignored.sort() };
}

/** Finds the files that describe environments, sorted by name. */
export function findEnvironmentFiles(root: string): SourceFile[] {
  const names = existsSync(join(root, ENVIRONMENTS_FOLDER)) ? readdirSync(join(root, ENVIRONMENTS_FOLDER)) : [];
  return names
    .filter(isSource)
    .sort()
    .map((name) => toSourceFile(ENVIRONMENTS_FOLDER, name));
}

/** The names of the environments that `--env` takes, sorted. */
export function listEnvironments(root: string): string[] {
  return [...new Set(findEnvironmentFiles(root).map(({ name }) => name))];
}

function collect(root: string, folder: string, files: SourceFile[], ignored: string[]): void {
  if (!existsSync(join(root, folder))) return;
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      const skipped =
        path === ENVIRONMENTS_FOLDER ||
        path === FLEET_LOCKS ||
        entry.name === "node_modules" ||
        /^[._]/.test(entry.name);
      if (!skipped) collect(root, path, files, ignored);
    } else if (isSource(entry.name)) files.push(toSourceFile(folder, entry.name));
    else if (FOREIGN.test(entry.name) && !/^[._]/.test(entry.name)) ignored.push(path);
  }
}

function isSource(name: string): boolean {
  return EXTENSION.test(name) && !OTHERS.test(name) && !/^[._]/.test(name);
}

function toSourceFile(folder: string, name: string): SourceFile {
  return { name: name.replace(EXTENSION, ""), file: `${folder}/${name}` };
}
