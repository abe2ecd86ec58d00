import { createHash } from "node:crypto";
import type { Lock, LockedCluster, LockedHost, LockedSecret } from "../../generators/model/lock.js";
import { CLUSTER_SECRETS, lockedSecretOf, type SecretSpec } from "../../generators/model/secrets.js";
import type { FleetPlan } from "../../generators/plan/types.js";
import { IDENTITY_FILE, secretPath } from "../../generators/render/views/secrets.js";
import { wireguardPublicKeyOf } from "../../generators/secrets/decrypt/public-half.js";
import { makeValue } from "../../generators/secrets/values.js";
import type { LabSpec } from "../spec.js";

/**
 * Keys and tokens of a lab, made for it alone: the fleet's own are never read. The lab's fleet is the fleet with another
 * lock, which has the same addresses, the same readers and the same accessors of tokens, but the lab's public keys.
 */
export interface LabSecrets {
  readonly lock: Lock;
  /** In the clear, each with a newline at its end, by name: `ari/wireguard`, `cats/consul-gossip`. */
  readonly values: ReadonlyMap<string, string>;
}

/**
 * Makes what is missing.
 * @param plan the fleet's
 * @param booted hosts of the lab; nobody has the private keys of others
 * @param known values of a lab that runs, which stay
 */
export function makeLabSecrets(
  plan: FleetPlan,
  booted: ReadonlySet<string>,
  known: ReadonlyMap<string, string>,
): LabSecrets {
  const values = new Map<string, string>();
  for (const spec of plan.secrets.values()) {
    if (!isMade(plan, spec, booted)) continue;
    values.set(spec.name, known.get(spec.name) ?? makeText(spec));
  }
  return { lock: lockOf(plan, values), values };
}

/** Own secrets stay unknown, and SSH has no daemon here. An identity is for hosts that are welcomed by the servers. */
function isMade(plan: FleetPlan, { kind, of }: SecretSpec, booted: ReadonlySet<string>): boolean {
  switch (kind) {
    case "own":
    case "ssh":
      return false;
    case "identity":
      return booted.has(of) && plan.hosts.get(of)?.consul?.gossip === "servers";
    case "wireguard":
      return booted.has(of);
    default:
      return true;
  }
}

/** An identity comes with its public half, as `age-keygen` writes it. */
function makeText({ kind }: SecretSpec): string {
  if (kind === "own") throw new RangeError("a secret of a person's own has no value in a lab");
  const { id, text } = makeValue(kind);
  return kind === "identity" ? `# public key: ${id}\n${text}` : text;
}

function lockOf(plan: FleetPlan, values: ReadonlyMap<string, string>): Lock {
  const { lock } = plan;
  const hosts: Record<string, LockedHost> = {};
  const clusters: Record<string, LockedCluster> = {};
  for (const name of plan.hosts.keys())
    hosts[name] = {
      ...lock.hosts[name],
      ...publicHalves(name, values),
      secrets: lockedSecrets(plan, "host", name),
    };
  for (const name of plan.clusters.keys()) clusters[name] = { secrets: lockedSecrets(plan, "cluster", name) };
  return { ...lock, hosts, clusters };
}

function publicHalves(host: string, values: ReadonlyMap<string, string>): Pick<LockedHost, "wireguard" | "age"> {
  const own = values.get(`${host}/wireguard`);
  const age = /^# public key: (.*)$/m.exec(values.get(`${host}/identity`) ?? "")?.[1];
  return {
    wireguard:
      (own === undefined ? null : wireguardPublicKeyOf(own)) ?? hashOf(`public key of ${host}`).toString("base64"),
    ...(age !== undefined && { age }),
  };
}

/** Accessors and readers are no secrets: they are the fleet's where it has them. */
function lockedSecrets(plan: FleetPlan, scope: SecretSpec["scope"], of: string): Record<string, LockedSecret> {
  const own = [...plan.secrets.values()].filter(
    (spec) =>
      spec.scope === scope &&
      spec.of === of &&
      spec.kind !== "wireguard" &&
      spec.kind !== "ssh" &&
      spec.kind !== "identity",
  );
  return Object.fromEntries(
    own.flatMap((spec): [string, LockedSecret][] => {
      const locked = lockedSecretOf(plan.lock, spec);
      if (locked === undefined && spec.kind === "own") return [];
      return [[spec.slug, { id: locked?.id ?? uuidOf(spec.name), readers: locked?.readers ?? spec.readers }]];
    }),
  );
}

/** The same in every plan, so that a fleet without a lock keeps its accessors while its lab runs. */
function uuidOf(name: string): string {
  const digits = hashOf(name).toString("hex");
  const at = (from: number, to: number) => digits.slice(from, to);
  return `${at(0, 8)}-${at(8, 12)}-4${at(13, 16)}-8${at(17, 20)}-${at(20, 32)}`;
}

function hashOf(text: string): Buffer {
  return createHash("sha256").update(`meshflake lab: ${text}`).digest();
}

/** The values of a lab that runs, as its hosts have them. */
export function secretsOf(spec: LabSpec): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const { name: host, cluster, files } of spec.hosts)
    for (const { path, text } of files) {
      const name = secretNameOf(path, host, cluster);
      if (name !== null) values.set(name, text);
    }
  return values;
}

const FOLDER = secretPath("");

function secretNameOf(path: string, host: string, cluster: string): string | null {
  if (path === IDENTITY_FILE) return `${host}/identity`;
  if (!path.startsWith(FOLDER)) return null;
  const slug = path.slice(FOLDER.length);
  const [, of, daemon] = /^tokens\/([^/]+)\/([^/]+)$/.exec(slug) ?? [];
  if (of !== undefined) return `${of}/${daemon}-token`;
  return `${CLUSTER_SECRETS.some((kind) => kind === slug) ? cluster : host}/${slug}`;
}
