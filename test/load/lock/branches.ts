import { execFileSync } from "node:child_process";
import type { Lock, LockedHost } from "../../../generators/model/lock.js";
import { formatLock } from "../../../generators/secrets/lock-text.js";
import { put } from "../../tree/temp.js";

/** Locks of two branches that add and remove hosts, and what git makes of them. */

export const LOCK = "hosts/fleet.lock.json";

export interface Branches {
  readonly base: Lock;
  readonly ours: Lock;
  readonly theirs: Lock;
}

/** A sequence of numbers that looks random, and is the same in every run. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) yield state >>> 8;
}

export const NAMES = ["ari", "bob", "pi1", "pi2", "pi3", "pi4", "pi5", "zed"];

/** Adds and removes a few hosts; the other hosts' files know of none of it, the cluster's gossip key forgets those that go. */
function change(lock: Lock, next: () => number, branch: string): Lock {
  const hosts = { ...lock.hosts };
  const gone = new Set<string>();
  for (let step = 0; step < 2; step++) {
    const name = NAMES[next() % NAMES.length] as string;
    if (name in hosts && next() % 3 === 0) {
      delete hosts[name];
      gone.add(name);
    } else if (!(name in lock.hosts)) hosts[name] = blockOf(name, branch);
  }
  const stays = (name: string) => !gone.has(name);
  const key = lock.clusters?.cats?.secrets?.["consul-gossip"];
  const readers = key?.readers.filter(stays) ?? [];
  const rotate = [...gone].map((name) => `host ${name}`).sort();
  return {
    ...lock,
    hosts,
    clusters: { cats: { secrets: { "consul-gossip": { id: "key", readers } } } },
    ...(rotate.length > 0 && { rotate: { "cats/consul-gossip": rotate } }),
  };
}

function blockOf(name: string, branch: string): LockedHost {
  return {
    mesh: `10.10.0.${NAMES.indexOf(name) + 1}`,
    wireguard: `wireguard of ${name} by ${branch}`,
    age: `age1${name}${branch}`,
    secrets: { "consul-token": { id: `${name}-${branch}`, readers: [name, "zed"].sort() } },
  };
}

/** Two branches that differ with the seed, and are the same in every run. */
export function branchesOf(seed: number): Branches {
  const random = numbers(seed);
  const next = () => random.next().value;
  const start = NAMES.filter((name) => name === "zed" || next() % 2 === 0);
  const base: Lock = {
    version: 2,
    hosts: Object.fromEntries(start.map((name) => [name, blockOf(name, "base")])),
    clusters: { cats: { secrets: { "consul-gossip": { id: "key", readers: start } } } },
  };
  return { base, ours: change(base, next, "ours"), theirs: change(base, next, "theirs") };
}

/** Hosts that both branches added, each with keys of its own. */
export function addedTwice({ base, ours, theirs }: Branches): string[] {
  return NAMES.filter((name) => !(name in base.hosts) && name in ours.hosts && name in theirs.hosts);
}

/** Puts what a merge left where git keeps it until the conflict is settled. */
export function putStages(root: string, { base, ours, theirs }: Branches): void {
  const git = (input: string, ...args: string[]) => execFileSync("git", args, { cwd: root, input, encoding: "utf8" });
  const lines = [base, ours, theirs].map((lock, index) => {
    const blob = git(formatLock(lock), "hash-object", "-w", "--stdin").trim();
    return `100644 ${blob} ${index + 1}\t${LOCK}\n`;
  });
  git(`0 ${"0".repeat(40)}\t${LOCK}\n${lines.join("")}`, "update-index", "--index-info");
}

/** Writes what git makes of two branches. @returns the text, with markers or without */
export function mergeByGit(root: string, { base, ours, theirs }: Branches, style: string): string {
  const text = mergeText(root, { base, ours, theirs }, style);
  put(root, LOCK, text);
  return text;
}

function mergeText(root: string, branches: Branches, style: string): string {
  const files = (["ours", "base", "theirs"] as const).map((name) => {
    put(root, name, formatLock(branches[name]));
    return name;
  });
  try {
    return execFileSync("git", ["merge-file", "-p", ...(style === "" ? [] : [style]), ...files], {
      cwd: root,
      encoding: "utf8",
    });
  } catch (error) {
    if (error instanceof Error && "stdout" in error) return String(error.stdout);
    throw error;
  }
}
