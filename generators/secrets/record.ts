/** Notes in the lock whom files are made for, and what that says of those who could read them before. Pure. */
import type { Fleet } from "../model/fleet.js";
import type { AdminPrints, Lock, LockedCluster, LockedHost, MadeFor } from "../model/lock.js";
import { adminGapOfFile, adminsOf, madeFor, printAdmins } from "../model/made-for.js";
import { KEY_FIELDS, type SecretSpec } from "../model/secrets.js";
import { idOf, withDebt } from "./lock-entries.js";

type Admins = Pick<Fleet, "admins">;

/** Who could read a file and must not any more, as the lock's debts name them. A key that was given up opened it, whoever has it now. */
export function listExposed(fleet: Admins, lock: Lock, spec: SecretSpec): readonly string[] {
  const { left, changed } = adminGapOfFile(fleet, lock, spec);
  return [...left.map((name) => `admin ${name}`), ...changed.map((name) => `admin ${name}'s old key`)];
}

/**
 * Notes that files were encrypted to the fleet's admins. A value that stays the same is known to whoever could read the old file.
 * @param before the lock that the old files belong to
 * @param after has the entries of what is written
 * @param written the files
 */
export function withWritten(fleet: Admins, before: Lock, after: Lock, written: readonly SecretSpec[]): Lock {
  let lock = after;
  for (const spec of written) {
    if (idOf(before, spec) !== idOf(after, spec)) continue;
    for (const who of listExposed(fleet, before, spec)) lock = withDebt(lock, spec.name, who);
  }
  const admins = adminsOf(fleet);
  const hosts: Record<string, LockedHost> = { ...lock.hosts };
  const clusters: Record<string, LockedCluster> = { ...lock.clusters };
  for (const group of groupByBlock(written)) {
    const [{ scope, of }] = group;
    const block = scope === "host" ? hosts[of] : clusters[of];
    if (block === undefined) continue;
    const wanted = printAdmins(admins, of);
    const { admins: _, apart: __, ...rest } = block;
    const note = { ...rest, ...noteOf(before, block, group, wanted) };
    if (scope === "host") hosts[of] = note;
    else clusters[of] = note;
  }
  return { ...lock, hosts, ...(Object.keys(clusters).length > 0 && { clusters }) };
}

type Group = readonly [SecretSpec, ...SecretSpec[]];

function groupByBlock(specs: readonly SecretSpec[]): Iterable<Group> {
  const groups = new Map<string, [SecretSpec, ...SecretSpec[]]>();
  for (const spec of specs) {
    const key = `${spec.scope} ${spec.of}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [spec]);
    else group.push(spec);
  }
  return groups.values();
}

/** What a block says once some of its files are made anew. */
function noteOf(before: Lock, block: LockedHost | LockedCluster, group: Group, wanted: AdminPrints): MadeFor {
  const [{ scope, of }] = group;
  const written = new Set(group.map(({ slug }) => slug));
  const rest = listMade(block).filter((slug) => !written.has(slug));
  if (rest.length === 0) return { admins: wanted };
  const old = (slug: string) => madeFor(before, { scope, of, slug }) ?? wanted;
  const created = new Set(group.filter((spec) => idOf(before, spec) === null).map(({ slug }) => slug));
  const apart = { ...block.apart };
  if (created.size === 0 && written.size > rest.length) {
    for (const slug of written) delete apart[slug];
    for (const slug of rest) if (!isSame(old(slug), wanted)) apart[slug] = old(slug);
    return { admins: wanted, ...withApart(apart) };
  }
  const usual = block.admins ?? (before.admins === undefined ? wanted : printAdmins(before.admins, of));
  for (const slug of written) {
    // One that is new is noted also where it is like the others: on another branch these may be made anew, without it.
    if (created.has(slug) || !isSame(usual, wanted)) apart[slug] = wanted;
    else if (!isSame(old(slug), wanted)) delete apart[slug];
  }
  return { ...(block.admins && { admins: block.admins }), ...withApart(apart) };
}

function withApart(apart: NonNullable<MadeFor["apart"]>): MadeFor {
  return Object.keys(apart).length > 0 ? { apart } : {};
}

/** Slugs of all secrets that a block has. */
function listMade(block: LockedHost | LockedCluster): readonly string[] {
  const fields: Readonly<Record<string, unknown>> = { ...block };
  const pairs = Object.entries(KEY_FIELDS).filter(([, field]) => fields[field] !== undefined);
  return [...pairs.map(([slug]) => slug), ...Object.keys(block.secrets ?? {})];
}

function isSame(one: AdminPrints, other: AdminPrints): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

/**
 * Names the fleet's admins as the lock's. Blocks that said nothing of their own meant those who were named before.
 * @param after the lock, with all files encrypted to them
 */
export function withAdmins(fleet: Admins, after: Lock): Lock {
  if (after.admins === undefined) return { ...after, admins: adminsOf(fleet) };
  const { admins } = after;
  const fill = <Block extends MadeFor>(blocks: Readonly<Record<string, Block>>, has: (block: Block) => boolean) =>
    Object.fromEntries(
      Object.entries(blocks).map(([name, block]) => [
        name,
        has(block) ? { admins: printAdmins(admins, name), ...block } : block,
      ]),
    );
  const hosts = fill(after.hosts, (host) => listMade(host).length > 0);
  const clusters = fill(after.clusters ?? {}, () => true);
  return { ...after, hosts, ...(after.clusters && { clusters }), admins: adminsOf(fleet) };
}
