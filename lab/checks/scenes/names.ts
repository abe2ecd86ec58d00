import { lookUp } from "../../observe/names/look-up.js";
import type { HostSpec, LabSpec } from "../../spec.js";
import type { Harness } from "../harness/harness.js";
import { groupNames, judgeNames } from "../judge/names.js";
import type { Failure } from "../report.js";

/** Names as they are known on hosts. */

/** A name with one of its addresses. */
export interface NameRecord {
  readonly name: string;
  readonly address: string;
}

/** Looks names up on a host in both ways: by its Unbound, and as every program there does. */
export async function lookFrom(
  harness: Harness,
  host: string,
  records: readonly NameRecord[],
): Promise<{ readonly failures: Failure[]; readonly names: number }> {
  const wanted = groupNames(records);
  const pid = await harness.pidOf(host);
  const direct = await lookUp(pid, [...wanted.keys()], { server: "127.0.0.1" });
  const usual = await lookUp(pid, [...wanted.keys()]);
  return {
    failures: [
      ...judgeNames(host, "127.0.0.1", wanted, direct),
      ...judgeNames(host, "/etc/resolv.conf", wanted, usual),
    ],
    names: 2 * wanted.size,
  };
}

/** What a host knows that is whole: the fleet's own names and, where it has Consul, its cluster's servers. */
function namesOf(spec: LabSpec, { cluster, consul, names }: HostSpec): NameRecord[] {
  const servers = spec.clusters.find(({ name }) => name === cluster)?.consulServers ?? [];
  if (consul === null) return [...names];
  const addresses = spec.hosts.filter(({ name }) => servers.includes(name)).map(({ meshIp }) => meshIp);
  return [...names, ...addresses.map((address) => ({ name: "consul.service.consul", address }))];
}

/** Names that a host does not know, or knows wrongly. */
export async function lacksOfNames(harness: Harness, spec: LabSpec): Promise<string[]> {
  const looked = await Promise.all(spec.hosts.map((host) => lookFrom(harness, host.name, namesOf(spec, host))));
  return looked.flatMap(({ failures }) => failures.map(({ expected, seen }) => `${expected}: ${seen}`));
}
