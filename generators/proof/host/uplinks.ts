import { CLOUD, FAMILIES, type Family } from "../../model/vocabulary.js";
import type { ProofHost } from "../world.js";

/** What a host's own uplink does, beyond what its site offers. */

type Reaches = Readonly<Record<Family, boolean>>;

/** Families of the underlay over which a host can send and receive. */
export function readReaches(host: ProofHost): Reaches {
  return { ipv4: host.site.ipv4 !== "none", ipv6: host.site.ipv6 !== "none" && getsIpv6(host) };
}

/** Cloud providers send no router advertisements: there is no IPv6 without a static address and a route. */
function getsIpv6({ platform, views: { network } }: ProofHost): boolean {
  if (!CLOUD.has(platform)) return true;
  return Object.values(network.networks).some(
    ({ address = [], routes = [] }) =>
      address.some((text) => text.includes(":")) && routes.some(({ Gateway }) => Gateway?.includes(":") === true),
  );
}

/** Only such providers give addresses; elsewhere a person forgot to write it down. */
export function isPending({ platform, site, address, endpoint }: ProofHost, reaches: Reaches): boolean {
  const known = address.public4 ?? address.public6 ?? endpoint;
  return (
    CLOUD.has(platform) &&
    known === undefined &&
    FAMILIES.some((family) => site[family] === "public" && reaches[family])
  );
}
