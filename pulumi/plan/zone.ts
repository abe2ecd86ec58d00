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
  return {
    ...zone,
    names: names.map(({ host }): NameView => {
      const { public4, public6 } = host.address;
      return {
        host: host.name,
        name: relativeName(`${host.name}.${fleet.domain}`, zone.name),
        ipv4: public4 ?? null,
        ipv6: public6 ?? null,
      };
    }),
  };
}

/** `miki.dev` of `miki.dev.example.org` in the zone `example.org`. */
function relativeName(name: string, zone: string): string {
  return name.endsWith(`.${zone}`) ? name.slice(0, -zone.length - 1) : name;
}
