import type { ClusterSpec } from "../../spec.js";
import type { Entrance } from "../entrance.js";
import { fieldsOf, listOf, numberOf, textOf } from "../json.js";
import { ask, readJson } from "./ask.js";

/** Services that Consul's catalogue has, with their health. */

/** A service on one host. */
export interface ServiceInstance {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly passing: boolean;
}

/** A service with all its instances. */
export interface ServiceObservation {
  readonly cluster: string;
  readonly name: string;
  readonly instances: readonly ServiceInstance[];
}

/** @returns sorted by name; nothing where no server answers */
export async function observeServices(
  cluster: ClusterSpec,
  entrances: readonly Entrance[],
): Promise<ServiceObservation[]> {
  const server = entrances.find(({ name }) => cluster.consulServers.includes(name));
  if (server === undefined) return [];
  const token = cluster.tokens.consul;
  const [catalogue] = await ask(server.pid, "consul", [{ path: "catalog/services?stale" }], { token });
  const names = Object.keys(readJson(catalogue, fieldsOf) ?? {}).sort();
  const questions = names.map((name) => ({ path: `health/service/${encodeURIComponent(name)}?stale` }));
  if (questions.length === 0) return [];
  const answers = await ask(server.pid, "consul", questions, { token });
  return names.map((name, index) => ({
    cluster: cluster.name,
    name,
    instances: readJson(answers[index], readInstances) ?? [],
  }));
}

/** Exported for the tests. */
export function readInstances(value: unknown): ServiceInstance[] {
  return listOf(value).map((entry) => {
    const { Node, Service, Checks } = fieldsOf(entry);
    const node = fieldsOf(Node);
    const service = fieldsOf(Service);
    return {
      host: textOf(node.Node),
      // Empty where the service is at its node's own address.
      address: textOf(service.Address) || textOf(node.Address),
      port: numberOf(service.Port),
      passing: listOf(Checks).every((check) => textOf(fieldsOf(check).Status) === "passing"),
    };
  });
}
