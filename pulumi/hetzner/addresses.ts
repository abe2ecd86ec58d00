import { Cidr } from "../../generators/model/net.js";
import type { AddressView, CloudView, HetznerView } from "../plan/types.js";
import type { Inventory, PrimaryIpFact } from "./inventory.js";
import { isOurs } from "./labels.js";

/** Which primary IP a server gets: one that this stack makes, or one that a person made and the host file names. */

export type AddressSource =
  | { readonly kind: "made" }
  | { readonly kind: "existing"; readonly id: number }
  /** The host file names an address that nobody has. */
  | { readonly kind: "missing" };

/** The primary IP that holds an address of a host file: an IPv6 one is a network, of which the host has one address. */
export function findPrimaryIp({ primaryIps }: Inventory, { family, fixed }: AddressView): PrimaryIpFact | undefined {
  if (fixed === null) return undefined;
  return primaryIps.find(({ type, ipAddress, ipNetwork }) => {
    if (type !== family) return false;
    return family === "ipv4" ? ipAddress === fixed : (Cidr.parse(ipNetwork)?.contains(fixed) ?? false);
  });
}

/** Filing the address of a server that this stack made changes nothing: it stays the stack's. */
export function sourceOf(view: CloudView, inventory: Inventory, address: AddressView): AddressSource {
  if (address.fixed === null) return { kind: "made" };
  const found = findPrimaryIp(inventory, address);
  if (found === undefined) return { kind: "missing" };
  return isOurs(view, found.labels) ? { kind: "made" } : { kind: "existing", id: found.id };
}

/** An address is bound to its location, so that one elsewhere is another one. */
export function addressName({ name, location }: HetznerView, { family }: AddressView): string {
  return `${name}-${family}-${location}`;
}

/** The first address of a network that Hetzner gave, which is the host's. */
export function hostAddress(network: string): string {
  const cidr = Cidr.parse(network);
  if (cidr === null) throw new Error(`${network} is not a network in CIDR notation`);
  return cidr.at(1n);
}
