import type { Cluster, Fleet, Host } from "../model/fleet.js";
import type { Lock } from "../model/lock.js";
import { isPair, KEY_FIELDS, lockedSecretOf, type SecretSpec, secretFile } from "../model/secrets.js";
import { findVoters } from "./quorum.js";
import type { AclHost, AclPlan, SecretPlan } from "./types.js";

/**
 * Which secrets there are, who is to read each, and who can. The two differ while a file has not been encrypted anew: a
 * host's module lists a secret only when the host both should and can read it, since agenix fails on any other.
 */

/** Every secret that the fleet wants, by name. */
export function planSecretFiles(fleet: Fleet): ReadonlyMap<string, SecretSpec> {
  const specs: SecretSpec[] = [];
  for (const cluster of fleet.clusters.values()) {
    const members = cluster.hosts.flatMap((name) => fleet.hosts.get(name) ?? []);
    const servers = findVoters(fleet, cluster);
    specs.push(...clusterSpecs(cluster, members, servers.consul, servers.nomad));
    for (const host of members) specs.push(...hostSpecs(host, servers.consul));
  }
  return new Map(specs.map((spec) => [spec.name, spec]));
}

function clusterSpecs(
  { name: of, secrets }: Cluster,
  members: readonly Host[],
  consulServers: readonly string[],
  nomadServers: readonly string[],
): SecretSpec[] {
  const agents = members.filter(({ consul }) => consul !== null).map(({ name }) => name);
  const made = [
    { kind: "consul-gossip", readers: agents },
    { kind: "consul-management", readers: consulServers },
    { kind: "nomad-gossip", readers: nomadServers },
    { kind: "nomad-management", readers: nomadServers },
  ] as const;
  const own = Object.entries(secrets).map(([slug, { hosts }]) => ({ slug, kind: "own" as const, readers: hosts }));
  return [...made.map((spec) => ({ ...spec, slug: spec.kind })), ...own]
    .filter(({ readers }) => readers.length > 0)
    .map((spec) => ({ ...spec, name: `${of}/${spec.slug}`, scope: "cluster", of }));
}

/** Whether a cluster's secret is declared for no host at all, so that it has no file. */
export function isForNobody({ clusters }: Pick<Fleet, "clusters">, of: string, slug: string): boolean {
  const declared = clusters.get(of)?.secrets ?? {};
  return Object.hasOwn(declared, slug) && declared[slug]?.hosts.length === 0;
}

/** Servers install every host's tokens, so they read them. */
function hostSpecs({ name: of, consul, nomad, secrets }: Host, consulServers: readonly string[]): SecretSpec[] {
  const installers = [...new Set([of, ...consulServers])].sort();
  const made = [
    { kind: "identity", readers: [] },
    { kind: "ssh", readers: [of] },
    { kind: "wireguard", readers: [of] },
    ...(consul === null ? [] : [{ kind: "consul-token", readers: installers } as const]),
    ...(consul === null || nomad === null ? [] : [{ kind: "nomad-token", readers: installers } as const]),
  ] as const;
  const own = Object.keys(secrets).map((slug) => ({ slug, kind: "own" as const, readers: [of] }));
  return [...made.map((spec) => ({ ...spec, slug: spec.kind })), ...own].map((spec) => ({
    ...spec,
    name: `${of}/${spec.slug}`,
    scope: "host",
    of,
  }));
}

/** Hosts that the file is encrypted to, beside the admins; null where it has not been made. */
export function readersOf(lock: Lock, spec: SecretSpec): readonly string[] | null {
  if (!isPair(spec.kind)) return lockedSecretOf(lock, spec)?.readers ?? null;
  return lock.hosts[spec.of]?.[KEY_FIELDS[spec.kind]] === undefined ? null : spec.readers;
}

/** Whether a host should and can read a secret. One that `generate` has yet to make, it will encrypt to all who should. */
function reads(lock: Lock, spec: SecretSpec, host: string): boolean {
  if (!spec.readers.includes(host)) return false;
  const readers = readersOf(lock, spec);
  return readers === null ? spec.kind !== "own" : readers.includes(host);
}

/** What the plan of a cluster's secrets says to its hosts. */
export interface ClusterSecrets {
  /** What each host decrypts when it starts. */
  readonly byHost: ReadonlyMap<string, readonly SecretPlan[]>;
  readonly acl: AclPlan | null;
  /** Servers that can read all that installing policies and tokens takes. */
  readonly installers: { readonly consul: ReadonlySet<string>; readonly nomad: ReadonlySet<string> };
  /** Agents that have to ask the servers for the gossip key: they came after it was encrypted. */
  readonly late: ReadonlySet<string>;
}

/** @param specs all of the fleet's, from `planSecretFiles` */
export function planClusterSecrets(
  fleet: Fleet,
  cluster: Cluster,
  specs: ReadonlyMap<string, SecretSpec>,
  lock: Lock,
): ClusterSecrets {
  const { consul, nomad } = findVoters(fleet, cluster);
  const can = (name: string, host: string) => {
    const spec = specs.get(name);
    return spec === undefined || reads(lock, spec, host);
  };
  const tokens = cluster.hosts.flatMap((host) => [`${host}/consul-token`, `${host}/nomad-token`]);
  const consulInstallers = consul.filter((host) =>
    [`${cluster.name}/consul-management`, `${cluster.name}/consul-gossip`, ...tokens].every((name) => can(name, host)),
  );
  const nomadInstallers = nomad.filter((host) =>
    [`${cluster.name}/nomad-management`, `${cluster.name}/nomad-gossip`].every((name) => can(name, host)),
  );
  const installers = {
    consul: new Set(consulInstallers),
    nomad: new Set(nomadInstallers),
  };
  const agents = cluster.hosts.filter((name) => specs.has(`${name}/consul-token`));
  const late = new Set(agents.filter((name) => !can(`${cluster.name}/consul-gossip`, name)));
  const byHost = new Map(cluster.hosts.map((name) => [name, listOwn(fleet, cluster, name, specs, lock)]));
  const acl = consul.length === 0 ? null : planAcl(fleet, agents, late, specs, lock);
  return { byHost, acl, installers, late };
}

const ROOT = { owner: "root", group: "root", mode: "0400", restart: [] } as const;

function listOwn(
  { environment, hosts }: Fleet,
  cluster: Cluster,
  host: string,
  specs: ReadonlyMap<string, SecretSpec>,
  lock: Lock,
): SecretPlan[] {
  const slugs = [
    ...["ssh", "wireguard", "consul-token", "nomad-token"].map((slug) => `${host}/${slug}`),
    ...["consul-gossip", "consul-management", "nomad-gossip", "nomad-management"].map((s) => `${cluster.name}/${s}`),
    ...Object.keys(hosts.get(host)?.secrets ?? {}).map((slug) => `${host}/${slug}`),
    ...Object.keys(cluster.secrets).map((slug) => `${cluster.name}/${slug}`),
  ];
  return slugs.flatMap((secret) => {
    const spec = specs.get(secret);
    if (spec === undefined || !reads(lock, spec, host)) return [];
    const declared = (spec.scope === "host" ? hosts.get(host)?.secrets : cluster.secrets)?.[spec.slug];
    const access = spec.kind === "own" ? declared : undefined;
    // networkd reads the key as its own account; everything else is handed to its unit by systemd.
    const owner = spec.kind === "wireguard" ? "systemd-network" : "root";
    return [{ name: spec.slug, secret, file: secretFile(environment, secret), ...ROOT, owner, ...access }];
  });
}

/** Every host's tokens, for the servers that install them. */
function listTokens(
  { environment }: Fleet,
  agents: readonly string[],
  specs: ReadonlyMap<string, SecretSpec>,
): SecretPlan[] {
  return agents.flatMap((host) =>
    ["consul", "nomad"].flatMap((daemon) => {
      const secret = `${host}/${daemon}-token`;
      if (!specs.has(secret)) return [];
      return [{ name: `tokens/${host}/${daemon}`, secret, file: secretFile(environment, secret), ...ROOT }];
    }),
  );
}

function planAcl(
  fleet: Fleet,
  agents: readonly string[],
  late: ReadonlySet<string>,
  specs: ReadonlyMap<string, SecretSpec>,
  lock: Lock,
): AclPlan {
  const hosts = agents.map((name): AclHost => {
    const host = fleet.hosts.get(name);
    const idOf = (slug: string) => {
      const spec = specs.get(`${name}/${slug}`);
      return spec === undefined ? null : (lockedSecretOf(lock, spec)?.id ?? "");
    };
    const nomadToken = idOf("nomad-token");
    return {
      name,
      consulToken: idOf("consul-token") ?? "",
      services: [...new Set(host?.consul?.services.map((service) => service.name) ?? [])].sort(),
      nomad:
        host?.nomad == null || nomadToken === null
          ? null
          : { token: nomadToken, server: host.nomad.server, client: host.nomad.client },
      recipient: late.has(name) ? (lock.hosts[name]?.age ?? null) : null,
    };
  });
  return { hosts, tokens: listTokens(fleet, agents, specs), revoked: lock.revoked ?? [] };
}
