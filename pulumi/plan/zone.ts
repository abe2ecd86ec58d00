import type { FleetPlan, HostPlan } from "../../generators/plan/types.js";
import type { NameView, ZoneView } from "./types.js";

/** The public names of a fleet, in the zone that it names. */

/**
 * @param hosts the hosts of the stack
 * @returns null where the fleet names no zone
 */
export function viewZone({ fleet }: FleetPlan, hosts: readonly HostPlan[]): ZoneView | null {
  const { zone } = fleet;
  if (zone === null) return null;
  const names = hosts.filter(({ host }) => host.site.ipv4 === "public" || host.site.ipv6 === "public");
  return { ...zone, names: names.map((host) => viewName(host, `${host.host.name}.${fleet.domain}`, zone.name)) };
}

function viewName({ host }: HostPlan, publicName: string, zone: string): NameView {
  const { address, site, platform } = host;
  const known = { ipv4: address.public4 ?? null, ipv6: address.public6 ?? null };
  const unknown = (["ipv4", "ipv6"] as const).filter((family) => known[family] === null && site[family] === "public");
  return {
    host: host.name,
    name: relativeName(publicName, zone),
    ...known,
    // A server gets one of each family; what others are given, the plan knows after `meshflake sync`.
    given: platform === "hetznerVm" ? unknown : [],
  };
}

/** `miki.dev` of `miki.dev.example.org` in the zone `example.org`. */
function relativeName(name: string, zone: string): string {
  return name.endsWith(`.${zone}`) ? name.slice(0, -zone.length - 1) : name;
}
