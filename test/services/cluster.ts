import { generateX25519Identity, identityToRecipient } from "age-encryption";
import type { FleetInput, HostInput } from "../../generators/model/input.js";
import { EMPTY_LOCK, type Lock } from "../../generators/model/lock.js";
import { planFleet } from "../../generators/plan/plan.js";
import type { FleetPlan } from "../../generators/plan/types.js";
import { viewAcl } from "../../generators/render/views/daemons/acl.js";
import { viewHost } from "../../generators/render/views/fleet.js";
import { makeMissing } from "../secrets/support/generate.js";
import { decrypt } from "../secrets/support/open.js";
import { FLEET, fleetOf, pi, publicHost } from "../support/fleets.js";
import { type Machine, makeNet, type Net } from "./machine.js";
import { mustRun, type Script } from "./units.js";

/** A cluster of machines whose plan, settings and secrets meshflake made. */
export interface Cluster {
  readonly plan: FleetPlan;
  /** Secrets in the clear by name, as agenix decrypts them on the hosts; tests change them. */
  readonly values: Map<string, string>;
  readonly net: Net;
  readonly machines: ReadonlyMap<string, Machine>;
}

const SERVERS = ["cosmo", "maco", "miki"];

/** Three servers, and agents: `ari` with a service, `ziggy` with another, `toto`, who came last, with a gossip file of nobody's. */
function inputs(names: readonly string[], recipient: string): { fleet: FleetInput; hosts: Record<string, HostInput> } {
  const server = { consul: { server: true }, nomad: { server: true, client: false } };
  const service = (name: string, port: number) => ({ consul: { services: [{ name, port }] } });
  const all: Record<string, HostInput> = {
    ...Object.fromEntries(SERVERS.map((name, index) => [name, publicHost(10 + index, server)])),
    ari: pi("home6", service("postgres", 5432)),
    ziggy: pi("home6", service("grafana", 3000)),
    toto: pi("home6"),
  };
  return {
    fleet: { ...FLEET, admins: { nico: { sshKeys: [], age: [recipient] } } },
    hosts: Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name))),
  };
}

/** The plan and its secrets, made in one go, but for `toto`'s, which come later. */
async function makePlan(): Promise<Pick<Cluster, "plan" | "values">> {
  const admin = await generateX25519Identity();
  const recipient = await identityToRecipient(admin);
  const values = new Map<string, string>();
  let lock: Lock = EMPTY_LOCK;
  let plan: FleetPlan | undefined;
  for (const names of [
    [...SERVERS, "ari", "ziggy"],
    [...SERVERS, "ari", "ziggy", "toto"],
  ]) {
    const { fleet, hosts } = inputs(names, recipient);
    const whole = fleetOf(fleet, hosts);
    const made = await makeMissing(whole, lock);
    lock = made.lock;
    for (const { spec, text } of made.files) values.set(spec.name, await decrypt(text, admin));
    plan = planFleet(whole, lock);
  }
  if (plan === undefined) throw new Error("no plan");
  return { plan, values };
}

/** @param names hosts to make machines of; no daemon runs yet */
export async function makeCluster(names: readonly string[]): Promise<Cluster> {
  const made = await makePlan();
  const net = await makeNet();
  const machines = new Map<string, Machine>();
  const cluster = { ...made, net, machines };
  for (const name of names) {
    const own = made.plan.hosts.get(name);
    if (own === undefined) throw new Error(`no host ${name}`);
    machines.set(name, await net.add(name, own.mesh.ip));
    deploy(cluster, name);
  }
  return cluster;
}

/** What a deployment brings: settings, and the secrets that the host reads. */
export function deploy({ plan, values, machines }: Cluster, name: string, revoked: readonly string[] = []): void {
  const machine = machineOf({ machines }, name);
  const own = plan.hosts.get(name);
  const views = viewHost(plan, name);
  const write = (path: string, value: unknown) => machine.write(path, JSON.stringify(value));
  write("/etc/consul.json", { ...(views.consul?.extraConfig as object), data_dir: "/var/lib/consul" });
  write("/etc/nomad.json", { ...(views.nomad?.settings as object), data_dir: "/var/lib/nomad" });
  const acl = plan.clusters.get("cats")?.acl;
  const installs = own?.consul?.installs === true && acl != null;
  if (installs) write("/etc/meshflake/consul.json", viewAcl({ ...acl, revoked }, "../..").config);
  for (const secret of [...(own?.secrets ?? []), ...(installs ? acl.tokens : [])])
    machine.write(`/run/agenix/${secret.name}`, values.get(secret.secret) ?? "", "0400");
}

export function machineOf({ machines }: Pick<Cluster, "machines">, name: string): Machine {
  const machine = machines.get(name);
  if (machine === undefined) throw new Error(`no machine ${name}`);
  return machine;
}

/** A secret without its newline. */
export function secretOf({ values }: Cluster, name: string): string {
  const value = values.get(name);
  if (value === undefined) throw new Error(`no secret ${name}`);
  return value.trim();
}

/** Runs a script on all servers at once. */
export async function runOnServers(cluster: Cluster, script: Script): Promise<void> {
  await Promise.all(SERVERS.map((name) => mustRun(machineOf(cluster, name), script)));
}

export { SERVERS };
