import { UserError } from "../../generators/model/problem.js";
import { lanOf } from "../../generators/plan/mesh/reach.js";
import type { FleetPlan, HostPlan } from "../../generators/plan/types.js";

/** Where ssh connects to. */
export interface Route {
  readonly address: string;
  /** Why this address, in a word. */
  readonly kind: "given" | "public" | "lan" | "mesh";
  /** The host that the connection goes through. */
  readonly via: { readonly host: string; readonly address: string } | null;
}

export interface RouteWish {
  /** An address that the person knows. */
  readonly at?: string;
  /** The person is in the host's LAN. */
  readonly lan?: boolean;
  /** The person's machine cannot send to the public address, e.g. for want of IPv6. */
  readonly mesh?: boolean;
}

function publicAddressOf({ host }: HostPlan): string | undefined {
  return host.address.public4 ?? host.address.public6;
}

/** Hosts that can be reached from anywhere and see the host in the mesh; relays first, then by name. */
function listJumps(plan: FleetPlan, target: HostPlan): HostPlan[] {
  const cluster = plan.clusters.get(target.host.cluster)?.cluster;
  const names = new Set([...(cluster?.mesh.relays ?? []), ...(cluster?.hosts ?? [])]);
  names.delete(target.host.name);
  return [...names].flatMap((name) => plan.hosts.get(name) ?? []);
}

/**
 * The way to a host: what the person says, else its public address (IPv4 first, which every machine can send to), else its
 * mesh address through a public host.
 * @throws UserError where there is none
 */
export function findRoute(plan: FleetPlan, target: HostPlan, { at, lan = false, mesh = false }: RouteWish): Route {
  const { name } = target.host;
  if (at !== undefined) return { address: at, kind: "given", via: null };
  if (lan) {
    const own = lanOf(target.host, plan.fleet.deploy.port);
    if (own !== null) return { address: own.host, kind: "lan", via: null };
    throw new UserError(
      `${name} has no LAN address`,
      `set \`address.lan\` in ${target.host.file}, or give --at ADDRESS`,
    );
  }
  const address = mesh ? undefined : publicAddressOf(target);
  if (address !== undefined) return { address, kind: "public", via: null };
  for (const jump of listJumps(plan, target)) {
    const through = publicAddressOf(jump);
    if (through === undefined) continue;
    return { address: target.mesh.ip, kind: "mesh", via: { host: jump.host.name, address: through } };
  }
  throw new UserError(
    `no other host of ${name}'s cluster has a public address, to pass the connection on`,
    "give --at ADDRESS, or --lan at its site",
  );
}
