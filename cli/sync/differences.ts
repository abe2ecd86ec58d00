import type { Fleet } from "../../generators/model/fleet.js";
import type { Problem } from "../../generators/model/problem.js";
import type { SyncedStack } from "./outputs.js";

/**
 * Addresses in host files that are not the provider's. What the file says is what the fleet is made with, so the machine cannot be reached.
 * @returns warnings, not yet located
 */
export function findDifferences(fleet: Fleet, stack: SyncedStack): Problem[] {
  return Object.entries(stack.hosts).flatMap(([name, found]) => {
    const host = fleet.hosts.get(name);
    if (host === undefined) return [];
    return (["ipv4", "ipv6"] as const).flatMap((family): Problem[] => {
      const [given, own] = [found[family], host.address[family]?.address];
      if (given === undefined || own === undefined || own === given || host.site[family] !== "public") return [];
      return [
        {
          code: "address-given",
          severity: "warning",
          origins: fleet.originsOf(name, ["address", family]),
          message: `${name} has ${own} here, and ${given} at its provider`,
          hint: "write the provider's address; or remove the line, and the lock's is taken",
        },
      ];
    });
  });
}
