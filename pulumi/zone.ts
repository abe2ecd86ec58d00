import type * as pulumi from "@pulumi/pulumi";
import type { HostOutput } from "./outputs.js";
import type { ZoneView } from "./plan/types.js";

/**
 * Makes the public names of the fleet's zone. A provider's package loads only where the zone is there.
 * @param machines what the stack made, by host
 */
export async function makeNames(
  zone: ZoneView,
  machines: Readonly<Record<string, pulumi.Output<HostOutput>>>,
): Promise<void> {
  const { CloudflareZone, HetznerZone, listRecords } = await import("./components/zone.js");
  const records = listRecords(zone, machines);
  if (zone.provider === "hetzner") new HetznerZone(zone, records);
  else new CloudflareZone((await import("@pulumi/cloudflare")).default, zone, records);
}
