import { observeConsul, observeNomad } from "../../observe/clusters/clusters.js";
import type { ClusterSpec, LabSpec } from "../../spec.js";
import type { Harness } from "../harness/harness.js";

/** Servers that follow different leaders would each look whole to somebody. */
export async function lacksOfUnity(harness: Harness, spec: LabSpec): Promise<string[]> {
  const entrances = await harness.entrances();
  const names = new Map(spec.hosts.map(({ name, meshIp }) => [meshIp, name]));
  const leadersOf = async (servers: readonly string[], observe: typeof observeConsul | typeof observeNomad) => {
    const asked = entrances.filter(({ name }) => servers.includes(name));
    const seen = await Promise.all(asked.map(({ pid }) => observe(pid, null, names)));
    return new Set(seen.map((one) => one?.leader ?? "nobody"));
  };
  const lacksOf = async ({ name, consulServers, nomadServers }: ClusterSpec) => {
    const [consul, nomad] = await Promise.all([
      leadersOf(consulServers, observeConsul),
      leadersOf(nomadServers, observeNomad),
    ]);
    return [
      ...(consul.size > 1 ? [`Consul of ${name}: its servers follow ${[...consul].sort().join(" and ")}`] : []),
      ...(nomad.size > 1 ? [`Nomad of ${name}: its servers follow ${[...nomad].sort().join(" and ")}`] : []),
    ];
  };
  return (await Promise.all(spec.clusters.map(lacksOf))).flat();
}
