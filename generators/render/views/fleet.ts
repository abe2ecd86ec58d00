import type { FleetPlan } from "../../plan/types.js";
import type { HostViews } from "../types.js";
import { viewConsul } from "./daemons/consul.js";
import { viewDns } from "./daemons/dns.js";
import { viewNomad } from "./daemons/nomad.js";
import { viewMesh } from "./network/mesh.js";
import { viewNetwork } from "./network/network.js";

/** All views of all hosts, by name. No text is made. */
export function viewFleet(plan: FleetPlan): ReadonlyMap<string, HostViews> {
  return new Map([...plan.hosts.keys()].map((name) => [name, viewHost(plan, name)]));
}

/** The views of a host. @throws RangeError where the plan has no such host */
export function viewHost(plan: FleetPlan, name: string): HostViews {
  const own = plan.hosts.get(name);
  if (own === undefined) throw new RangeError(`no host ${name} in the plan`);
  return {
    network: viewNetwork(own),
    mesh: viewMesh(own),
    consul: viewConsul(own),
    nomad: viewNomad(own),
    dns: viewDns(plan, own),
  };
}
