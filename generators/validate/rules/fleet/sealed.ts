import type { LockedSecret } from "../../../model/lock.js";
import { type AdminDrift, findAdminDrift } from "../../../model/made-for.js";
import type { Origin } from "../../../model/problem.js";
import { isPair, lockedSecretOf, type SecretSpec } from "../../../model/secrets.js";
import type { Finding, PlanRuleContext, Rule } from "../../rule.js";
import { atLock, listNames, quote } from "../support.js";

/** Encrypted files against the fleet: values that nobody gave, and files that are encrypted to too few or too many. */

/** A secret that is no key pair, and what the lock says of it. */
interface Sealed {
  readonly spec: SecretSpec;
  readonly entry: LockedSecret | undefined;
}

/** Nothing where no secret was ever made: `generate` makes them, and nobody has to be told. */
function* eachSealed({ inputs: { lock }, plan }: PlanRuleContext): Iterable<Sealed> {
  if (!Object.values(lock.hosts).some(({ age }) => age !== undefined)) return;
  for (const spec of plan.secrets.values()) {
    if (isPair(spec.kind)) continue;
    yield { spec, entry: lockedSecretOf(lock, spec) };
  }
}

function atDeclaration({ inputs }: PlanRuleContext, { scope, of, slug }: SecretSpec): readonly Origin[] {
  if (scope === "host") return inputs.originsOf(of, ["secrets", slug]);
  const own = inputs.fleet.value.clusters?.[of]?.secrets?.[slug];
  return inputs.fleetOriginsOf(own === undefined ? ["secrets", slug] : ["clusters", of, "secrets", slug]);
}

/** A command for this fleet or environment. */
function commandOf({ inputs: { environment } }: PlanRuleContext, words: string): string {
  return `\`meshflake secrets ${words}${environment === null ? "" : ` --env ${environment.name}`}\``;
}

function* checkUnset(context: PlanRuleContext): Iterable<Finding> {
  const { lock } = context.inputs;
  for (const spec of context.plan.secrets.values()) {
    if (spec.kind !== "own" || lockedSecretOf(lock, spec) !== undefined) continue;
    const message = `the secret ${spec.name} has no value yet, and ${listNames(spec.readers)} ${spec.readers.length === 1 ? "goes" : "go"} without it`;
    yield { at: atDeclaration(context, spec), message, hint: `run ${commandOf(context, `set ${spec.name}`)}` };
  }
}

export const secretUnset: Rule = {
  code: "secret-unset",
  severity: "warning",
  title: "A declared secret has a value",
  why: "A secret that was declared and never set has no file. Its hosts start without it, and a service that reads `/run/agenix/<name>` does not find it.",
  needs: "plan",
  check: checkUnset,
};

/** What a host lacks that cannot read a file, by the secret's kind. */
const WITHOUT: Readonly<Record<string, string>> = {
  "consul-gossip": "its Consul agent cannot join",
  "consul-management": "it installs no policies and tokens in Consul",
  "consul-token": "it installs no policies and tokens in Consul",
  "nomad-token": "it installs no policies and tokens in Consul",
  "nomad-gossip": "its Nomad server cannot start",
  "nomad-management": "it cannot set up Nomad's access control",
  own: "its services go without",
};

/** An agent that came later gets Consul's gossip key from a server, while there is one that can read it. */
function comesFromServers({ plan }: PlanRuleContext, { kind, of }: SecretSpec, readers: readonly string[]): boolean {
  return (
    kind === "consul-gossip" && plan.clusters.get(of)?.consulServers.some((name) => readers.includes(name)) === true
  );
}

function* checkUnread(context: PlanRuleContext): Iterable<Finding> {
  const lacking = new Map<string, SecretSpec[]>();
  for (const { spec, entry } of eachSealed(context)) {
    if (entry === undefined || comesFromServers(context, spec, entry.readers)) continue;
    const able = new Set(entry.readers);
    for (const host of spec.readers) {
      if (!able.has(host)) lacking.set(host, [...(lacking.get(host) ?? []), spec]);
    }
  }
  const run = `an admin runs ${commandOf(context, "rekey")}, and then generate`;
  for (const [host, specs] of lacking) {
    const without = [...new Set(specs.map(({ kind }) => WITHOUT[kind] ?? "it goes without"))];
    const names = listNames(
      specs.map(({ name }) => name),
      4,
    );
    const message = `${host} cannot read ${names} yet: ${listNames(without)}`;
    yield { at: context.inputs.originsOf(host, []), message, hint: run };
  }
  yield* checkNewAdmins(context);
}

/** Files, of a host or a cluster, that another branch made for the admins that it knew. */
function listDrift({ inputs: { lock }, plan }: PlanRuleContext, ...kinds: readonly AdminDrift["kind"][]): DriftFiles[] {
  const found = findAdminDrift(plan.fleet, lock, plan.secrets.values()).filter(({ kind }) => kinds.includes(kind));
  return found.map((drift) => {
    const of = drift.owners.length > 0 ? [`the files of ${listNames(drift.owners, 4)}`] : [];
    const names = drift.names.length > 0 ? [listNames(drift.names, 4)] : [];
    return { drift, files: [...of, ...names].join(", and ") };
  });
}

interface DriftFiles {
  readonly drift: AdminDrift;
  readonly files: string;
}

function* checkNewAdmins(context: PlanRuleContext): Iterable<Finding> {
  const { lock } = context.inputs;
  if (lock.admins === undefined) return;
  for (const { name, age } of context.plan.fleet.admins) {
    const able = new Set(lock.admins[name]);
    if (age.every((recipient) => able.has(recipient))) continue;
    const message = `files are not encrypted to ${able.size === 0 ? name : `all of ${name}'s recipients`} yet`;
    const hint = `another admin runs ${commandOf(context, "rekey")}`;
    yield { at: context.inputs.fleetOriginsOf(["admins", name]), message, hint };
  }
  for (const { drift, files } of listDrift(context, "came")) {
    const message = `${drift.known ? `a new recipient of ${drift.admin}'s` : drift.admin} cannot read ${files} yet`;
    const hint = `another admin runs ${commandOf(context, "rekey")}`;
    yield { at: context.inputs.fleetOriginsOf(["admins", drift.admin]), message, hint };
  }
}

export const secretUnread: Rule = {
  code: "secret-unread",
  severity: "warning",
  title: "Everybody who is to read a secret can",
  why: "A host or an admin that came after a file was encrypted cannot read it: encrypting anew takes the key of an admin, which `generate` does not have. The host goes without until then. Consul's gossip key is no such case, since a server hands it to hosts that come later. After a merge it may be the files of one host: its branch did not know of the admin yet.",
  needs: "plan",
  check: checkUnread,
};

function* checkExposed(context: PlanRuleContext): Iterable<Finding> {
  const { inputs, plan } = context;
  const debts = new Map<string, string[]>();
  for (const [name, who] of Object.entries(inputs.lock.rotate ?? {})) {
    // What the fleet does not want any more has no value to change here.
    if (!plan.secrets.has(name)) continue;
    const people = listNames(who);
    debts.set(people, [...(debts.get(people) ?? []), name]);
  }
  for (const [who, names] of debts) {
    const [first = ""] = names;
    const isOwn = plan.secrets.get(first)?.kind === "own";
    const run = commandOf(context, `${isOwn ? "set" : "rotate"} ${first}`);
    const hint = `run ${run}${names.length > 1 ? ", and so on" : ""}; \`meshflake secrets audit\` lists all`;
    yield {
      at: atLock(context, "rotate", first),
      message: `${who} knew ${listNames(names, 4)}, and must not any more`,
      hint,
    };
  }
  yield* checkReaders(context);
  yield* checkOldAdmins(context);
}

/** Hosts that a file is encrypted to, and that are not to read it. Those that `generate` is about to remove are no news. */
function* checkReaders(context: PlanRuleContext): Iterable<Finding> {
  const { inputs, plan } = context;
  const able = new Map<string, SecretSpec[]>();
  for (const { spec, entry } of eachSealed(context)) {
    const wanted = new Set(spec.readers);
    for (const host of entry?.readers ?? []) {
      const leaves = !plan.hosts.has(host) && host in inputs.lock.hosts;
      if (!wanted.has(host) && !leaves) able.set(host, [...(able.get(host) ?? []), spec]);
    }
  }
  for (const [host, specs] of able) {
    const [first] = specs;
    if (first === undefined) continue;
    const kind = first.scope === "host" ? "hosts" : "clusters";
    const at = atLock(context, kind, first.of, "secrets", first.slug, "readers");
    const names = listNames(
      specs.map(({ name }) => name),
      4,
    );
    const message = plan.hosts.has(host)
      ? `${host} can read ${names}, and is not to`
      : `${quote(host)} can read ${names}, and is no host of this fleet`;
    const hint = `an admin runs ${commandOf(context, "rekey")}; a value that it must not know any more has to be rotated or set anew`;
    yield { at, message, hint };
  }
}

function* checkOldAdmins(context: PlanRuleContext): Iterable<Finding> {
  const { inputs, plan } = context;
  const wanted = new Map(plan.fleet.admins.map(({ name, age }) => [name, new Set(age)]));
  for (const [name, recipients] of Object.entries(inputs.lock.admins ?? {})) {
    if (recipients.every((recipient) => wanted.get(name)?.has(recipient))) continue;
    const message = wanted.has(name)
      ? `files are encrypted to a recipient of ${name}'s that is none any more`
      : `${name} is no admin any more, and can read every secret`;
    const hint = `an admin runs ${commandOf(context, "rekey")}; what ${name} knows is listed by \`meshflake secrets audit\``;
    yield { at: atLock(context, "admins", name), message, hint };
  }
  for (const { drift, files } of listDrift(context, "left", "changed")) {
    const { kind, admin, owners, names } = drift;
    const message =
      kind === "left"
        ? `${admin} is no admin any more, and can read ${files}: made before ${admin} left`
        : `a recipient of ${admin}'s that is none any more can read ${files}`;
    const hint = `an admin runs ${commandOf(context, "rekey")}, which notes what has to be rotated`;
    yield { at: atBlock(context, owners[0] ?? names[0] ?? ""), message, hint };
  }
}

/** Where the lock says whom files were made for. @param name a host, a cluster, or a secret of one */
function atBlock(context: PlanRuleContext, name: string): readonly Origin[] {
  const [of = "", slug] = name.split("/");
  const kind = context.plan.hosts.has(of) ? "hosts" : "clusters";
  const block = kind === "hosts" ? context.inputs.lock.hosts[of] : context.inputs.lock.clusters?.[of];
  if (slug !== undefined && block?.apart?.[slug] !== undefined) return atLock(context, kind, of, "apart", slug);
  return atLock(context, kind, of, ...(block?.admins === undefined ? [] : ["admins"]));
}

export const secretExposed: Rule = {
  code: "secret-exposed",
  severity: "warning",
  title: "Nobody knows a secret who must not",
  why: "Whoever could read a file keeps its value, and the old file stays in git's history. Taking a host or an admin off the list of readers is therefore half of the work: the value has to change as well. A branch that adds a host makes its files for the admins that it knows, and one of them may have left on another. `generate` and `rekey` note what is owed in the lock, and `meshflake secrets rotate` ends it.",
  needs: "plan",
  check: checkExposed,
};
