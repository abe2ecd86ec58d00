import { meshZone } from "../plan/dns.js";
import { lanOf } from "../plan/mesh/reach.js";
import type { FleetPlan, HostPlan } from "../plan/types.js";
import { fleetHeader, treeFolder } from "./paths.js";
import type { RenderedFile } from "./types.js";

/**
 * What ssh has to know of the hosts before the first connection. Their keys are made with the fleet, so the file is complete
 * before a machine exists.
 */

/** Where the file is, relative to the repository. */
export function knownHostsPath(fleet: FleetPlan["fleet"]): string {
  return `${treeFolder(fleet)}/known_hosts`;
}

/** What people and programs may call a host. */
function namesOf({ fleet }: FleetPlan, { host, mesh }: HostPlan): string[] {
  const { public4, public6 } = host.address;
  const { port } = fleet.deploy;
  const names = [`${host.name}.${fleet.domain}`, `${host.name}.${meshZone(fleet.domain)}`];
  return [...names, ...[public4, public6, mesh.ip, lanOf(host, port)?.host].filter((name) => name !== undefined)];
}

/** ssh looks an address up together with the port, where that is not the usual one. */
function withPort(name: string, port: number): string {
  return port === 22 ? name : `[${name}]:${port}`;
}

/** The key that a host has or gets, then those that it may still show: known to who connects until its rotation is finished. */
export function listHostKeys({ lock }: Pick<FleetPlan, "lock">, host: string): readonly string[] {
  const { ssh, sshRotation } = lock.hosts[host] ?? {};
  return ssh === undefined ? [] : [ssh, ...(sshRotation?.retiring ?? [])];
}

/**
 * A line for each key of each host that has one. The bare name comes without a port too: it is what `meshflake ssh` gives as
 * HostKeyAlias. An address that two hosts share, e.g. in the LANs of two sites, stands for neither.
 */
function listLines(plan: FleetPlan): string[] {
  const { port } = plan.fleet.deploy;
  const owners = new Map<string, number>();
  const known = [...plan.hosts.values()].map((own) => ({ own, names: [...new Set(namesOf(plan, own))] }));
  for (const name of known.flatMap(({ names }) => names)) owners.set(name, (owners.get(name) ?? 0) + 1);
  return known.flatMap(({ own: { host }, names }) => {
    const unique = names.filter((name) => owners.get(name) === 1);
    const patterns = [host.name, ...[host.name, ...unique].map((name) => withPort(name, port))];
    return listHostKeys(plan, host.name).map((key) => `${[...new Set(patterns)].join(",")} ${key}`);
  });
}

/** `known_hosts`, as OpenSSH reads it. */
export function renderKnownHosts(plan: FleetPlan): RenderedFile {
  const lines = [fleetHeader(plan.fleet), ...listLines(plan)];
  return { path: knownHostsPath(plan.fleet), text: `${lines.join("\n")}\n` };
}
