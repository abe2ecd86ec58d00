import type { SiteStatus } from "../../protocol.js";
import type { SiteSpec } from "../../spec.js";
import { addressOf } from "../../world/address/leases.js";

/** What is told of a site: how it goes out, and the public addresses that lead to it now. */
export function statusOfSite({ name, dynamic, ipv4, ipv6, wan4, wan6, routed, attachments }: SiteSpec): SiteStatus {
  const led = new Set(routed.map(addressOf));
  const addresses = attachments.flatMap(({ host, addresses: own }) =>
    own
      .map(addressOf)
      .filter((address) => led.has(address))
      .map((address) => ({ host, address })),
  );
  return { name, dynamic, ipv4, ipv6, wan4, wan6, addresses };
}
