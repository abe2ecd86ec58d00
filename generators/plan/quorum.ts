import type { Cluster, Fleet, Host } from "../model/fleet.js";
import type { ClusterSecrets } from "./secrets.js";
import type { HostConsulPlan, HostNomadPlan } from "./types.js";

/** The voters of a cluster and how every host finds them: by literal mesh addresses, known in advance. */

export interface Voters {
  /** Names, sorted. */
  readonly consul: readonly string[];
  readonly nomad: readonly string[];
}

export function findVoters(fleet: Fleet, cluster: Cluster): Voters {
  const withRole = (has: (host: Host) => boolean | undefined) =>
    cluster.hosts.filter((name) => {
      const host = fleet.hosts.get(name);
      return host !== undefined && has(host);
    });
  return { consul: withRole((host) => host.consul?.server), nomad: withRole((host) => host.nomad?.server) };
}

/** Addresses of voters other than the host itself. */
function joinOf(self: string, voters: readonly string[], addresses: ReadonlyMap<string, string>): string[] {
  return voters.filter((name) => name !== self).flatMap((name) => addresses.get(name) ?? []);
}

export function planConsul(
  host: Host,
  cluster: Cluster,
  { consul }: Voters,
  addresses: ReadonlyMap<string, string>,
  { late, installers }: Pick<ClusterSecrets, "late" | "installers">,
): HostConsulPlan | null {
  if (host.consul === null) return null;
  return {
    server: host.consul.server,
    datacenter: cluster.consul.datacenter,
    ...(host.consul.server && { bootstrapExpect: consul.length }),
    join: joinOf(host.name, consul, addresses),
    gossip: late.has(host.name) ? "servers" : "file",
    installs: installers.consul.has(host.name),
  };
}

export function planNomad(
  host: Host,
  cluster: Cluster,
  { nomad }: Voters,
  addresses: ReadonlyMap<string, string>,
  { installers }: Pick<ClusterSecrets, "installers">,
): HostNomadPlan | null {
  if (host.nomad === null) return null;
  return {
    server: host.nomad.server,
    client: host.nomad.client,
    region: cluster.nomad.region,
    datacenter: host.nomad.datacenter,
    ...(host.nomad.server && { bootstrapExpect: nomad.length }),
    join: joinOf(host.name, nomad, addresses),
    installs: installers.nomad.has(host.name),
  };
}
