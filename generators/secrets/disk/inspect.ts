/**
 * The secrets on disk, against the lock. By names, starts and ends of files alone: nobody can decrypt all of them.
 *
 * `generate` does, in this order: `inspectSecrets` and `settleSecrets`; plan; `planSecretWork` and `makeSecrets`; plan with the
 * new lock; then `commitStages([stageRemoval, stageLock, stageSecrets, stageChanges])`.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Fleet } from "../../model/fleet.js";
import type { Lock } from "../../model/lock.js";
import type { Problem } from "../../model/problem.js";
import {
  CLUSTER_SECRETS,
  ENVIRONMENTS,
  HOST_SECRETS,
  type SecretSpec,
  secretFile,
  secretsFolder,
} from "../../model/secrets.js";
import { isForNobody } from "../../plan/secrets.js";
import { listFolder, TEMP_PREFIX, type TempFile } from "../../tree/files.js";
import { compareText, FolderGuard } from "../../tree/paths.js";
import { digestOf } from "../digest.js";
import { idOf, listEntries } from "../lock-entries.js";
import { sealOf, stagedName } from "../sealed.js";
import { describeBroken, describeMissing, describeOther, describeStray } from "./describe.js";
import { findLeftLock } from "./lock-files.js";
import { findCheckouts, type Side, sideOf } from "./side.js";
import { findDamage, OTHER, UNMERGED } from "./whole.js";

/** What is on disk, against the lock. */
export interface SecretState {
  /** What the lock's journal has yet to put in place, and staged files whose seal the lock confirms. */
  readonly finish: readonly TempFile[];
  /** Staged files whose seal it does not confirm, and what is left of a lock's change. */
  readonly discard: readonly string[];
  /** `secret-missing`, `secret-broken`, `secret-other` and `secret-stray`. */
  readonly problems: readonly Problem[];
  /** Own secrets of the lock that nothing declares any more, and that have no file either; by name. */
  readonly lost: ReadonlySet<string>;
  /** Secrets whose files hold both sides of a merge, by name, with the side that belongs to the lock. */
  readonly unmerged: ReadonlyMap<string, Side>;
}

/** What a folder of secrets is about: a host, a cluster, or (by accident) both. */
interface Known {
  /** By slug: what the fleet wants, or what the lock still has of a secret that nothing declares any more. */
  readonly specs: Map<string, SecretSpec>;
  /** Whether the fleet has it. */
  readonly wanted: boolean;
}

interface Draft {
  readonly finish: TempFile[];
  readonly discard: string[];
  readonly problems: Problem[];
  readonly lost: Set<string>;
  readonly unmerged: Map<string, Side>;
  /** Secrets whose files are not those that their entries were written for. */
  readonly others: SecretSpec[];
}

interface Inspection {
  readonly root: string;
  readonly guard: FolderGuard;
  readonly fleet: Fleet;
  /** The fleet's, from the plan. */
  readonly specs: ReadonlyMap<string, SecretSpec>;
  readonly lock: Lock;
  readonly base: string;
}

/** Files that meshflake makes by itself. In folders of nobody's, all others are a person's own. */
const MADE: ReadonlySet<string> = new Set([...HOST_SECRETS, ...CLUSTER_SECRETS].map((slug) => `${slug}.age`));

/** Compares the secrets on disk with the lock; writes nothing. @param lock as it is on disk @param specs the plan's */
export function inspectSecrets(
  root: string,
  fleet: Fleet,
  specs: ReadonlyMap<string, SecretSpec>,
  lock: Lock,
): SecretState {
  const guard = new FolderGuard(root);
  const inspection: Inspection = { root, guard, fleet, specs, lock, base: secretsFolder(fleet.environment) };
  const draft: Draft = { finish: [], discard: [], problems: [], lost: new Set(), unmerged: new Map(), others: [] };
  const known = listKnown(fleet, specs, lock);
  for (const folder of new Set([...listFolders(inspection), ...known.keys()])) {
    inspectFolder(inspection, folder, known.get(folder), draft);
  }
  draft.problems.push(...describeOthers(inspection, draft.others));
  const left = findLeftLock(root, fleet.lockFile);
  // The lock first: it is what the secrets were found to be right by.
  const { problems, lost, unmerged } = draft;
  const [finish, discard] = [
    [...left.finish, ...draft.finish],
    [...draft.discard, ...left.discard],
  ];
  return { finish, discard, problems, lost, unmerged };
}

/** Git is asked where the right files are, once for all of them. */
function describeOthers({ root, fleet, lock }: Inspection, specs: readonly SecretSpec[]): readonly Problem[] {
  if (specs.length === 0) return [];
  const path = ({ name }: SecretSpec) => secretFile(fleet.environment, name);
  const wanted = specs.map((spec) => ({ path: path(spec), digest: digestOf(lock, spec) }));
  const checkouts = findCheckouts(root, wanted);
  return specs.map((spec) => describeOther(fleet, spec, checkouts.get(path(spec)) ?? null));
}

function listKnown(fleet: Fleet, specs: ReadonlyMap<string, SecretSpec>, lock: Lock): ReadonlyMap<string, Known> {
  const known = new Map<string, Known>();
  const note = (spec: SecretSpec) => {
    let block = known.get(spec.of);
    if (block === undefined) {
      block = { specs: new Map(), wanted: fleet.hosts.has(spec.of) || fleet.clusters.has(spec.of) };
      known.set(spec.of, block);
    }
    if (!block.specs.has(spec.slug)) block.specs.set(spec.slug, spec);
  };
  for (const spec of specs.values()) note(spec);
  for (const { spec } of listEntries(lock)) if (!specs.has(spec.name)) note(spec);
  return known;
}

function listFolders({ guard, fleet, base }: Inspection): string[] {
  if (!guard.exists(base)) return [];
  const entries = readdirSync(join(guard.root, base), { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return names.filter((name) => fleet.environment !== null || name !== ENVIRONMENTS).sort(compareText);
}

function inspectFolder(inspection: Inspection, of: string, known: Known | undefined, draft: Draft): void {
  const { guard, base, lock } = inspection;
  const folder = `${base}/${of}`;
  const names = listFolder(guard, folder);
  const there = new Set(names);
  for (const name of names) {
    if (name.startsWith(TEMP_PREFIX)) inspectStaged(inspection, folder, name, known, there, draft);
  }
  const gone = known?.wanted !== true && (known !== undefined || of in lock.hosts);
  if (gone) return;
  for (const spec of known?.specs.values() ?? []) inspectEntry(inspection, spec, names, there, draft);
  for (const name of names) {
    if (name.startsWith(TEMP_PREFIX)) continue;
    const stray = findStray(inspection, of, name, known);
    if (stray !== null) draft.problems.push(stray);
  }
}

function inspectStaged(
  { guard, lock }: Inspection,
  folder: string,
  name: string,
  known: Known | undefined,
  there: Set<string>,
  { finish, discard }: Draft,
): void {
  const slug = /^[0-9a-f]+-(.+)\.age$/.exec(name.slice(TEMP_PREFIX.length))?.[1] ?? "";
  const spec = known?.specs.get(slug);
  const confirmed = spec !== undefined && idOf(lock, spec) !== null && name === stagedName(slug, sealOf(lock, spec));
  // A run that changes nothing of what the seal is made of may die before the lock has its digest, or while it writes.
  if (!confirmed || findDamage(guard, `${folder}/${name}`, digestOf(lock, spec)) !== null)
    discard.push(`${folder}/${name}`);
  else {
    finish.push({ path: `${folder}/${slug}.age`, temp: `${folder}/${name}` });
    there.add(`${slug}.age`);
  }
}

/** A secret that the lock has: its file is there, and looks whole. */
function inspectEntry(
  { root, guard, fleet, specs, lock, base }: Inspection,
  spec: SecretSpec,
  names: readonly string[],
  there: ReadonlySet<string>,
  draft: Draft,
): void {
  if (idOf(lock, spec) === null) return;
  const declared = specs.has(spec.name);
  // A role that is gone: `generate` removes what is left of it.
  if (!declared && spec.kind !== "own") return;
  const file = `${spec.slug}.age`;
  if (!there.has(file)) {
    if (declared) draft.problems.push(describeMissing(fleet, spec));
    else draft.lost.add(spec.name);
    return;
  }
  const path = `${base}/${spec.of}/${file}`;
  // One that is about to be finished was looked at.
  if (!names.includes(file) || draft.finish.some((one) => one.path === path)) return;
  const damage = findDamage(guard, path, digestOf(lock, spec));
  if (damage === OTHER) return void draft.others.push(spec);
  const side = damage === UNMERGED ? sideOf(root, fleet, lock, spec) : null;
  if (side !== null) draft.unmerged.set(spec.name, side);
  if (damage !== null) draft.problems.push(describeBroken(fleet, spec, damage, side));
}

/** A file that no entry of the lock explains; others than encrypted ones are a person's own. */
function findStray(
  { fleet, specs, lock }: Inspection,
  of: string,
  file: string,
  known: Known | undefined,
): Problem | null {
  if (!file.includes(".age")) return null;
  if (known === undefined) return MADE.has(file) ? describeStray(fleet, of, file, "nobody's") : null;
  if (!file.endsWith(".age")) return describeStray(fleet, of, file, "leftover");
  const slug = file.slice(0, -".age".length);
  if (isForNobody(fleet, of, slug)) return describeStray(fleet, of, file, "for nobody");
  const spec = known.specs.get(slug);
  if (spec === undefined) return describeStray(fleet, of, file, "unknown");
  const own = spec.kind === "own";
  if (idOf(lock, spec) !== null)
    return own && !specs.has(spec.name) ? describeStray(fleet, of, file, "undeclared") : null;
  return describeStray(fleet, of, file, own ? "unlocked" : "irreplaceable");
}
