import type { HostAddress, Site } from "../model/fleet.js";
import type { AddressInput, HostInput } from "../model/input.js";
import type { HostFacts } from "../model/lock.js";
import { Cidr, familyOf } from "../model/net.js";
import { CLOUD, type Platform } from "../model/vocabulary.js";

/** A host's own addresses: from its file, and from what its provider gave. */

/**
 * What Hetzner gives every server beside its IPv6 address, the same everywhere:
 * https://docs.hetzner.com/cloud/servers/static-configuration/
 */
const HETZNER_IPV6 = { prefix: 64, gateway6: "fe80::1" };

/** The host's own addresses: what its file says, and an IPv6 address that is known from the provider alone. */
export function addressOf({ platform, address = {} }: HostInput, facts: HostFacts | undefined): AddressInput {
  if (platform !== "hetznerVm" || address.ipv6 !== undefined || facts?.ipv6 === undefined) return address;
  const { prefix, gateway6 } = HETZNER_IPV6;
  return { gateway6, ...address, ipv6: `${facts.ipv6}/${prefix}` };
}

/** Cloud providers send no router advertisements: there is no IPv6 but what is configured. */
export function lacksIpv6(platform: Platform, { ipv6, gateway6 }: AddressInput): boolean {
  return CLOUD.has(platform) && (ipv6 === undefined || gateway6 === undefined);
}

/** @param address what {@link addressOf} says */
export function resolveAddress(
  platform: Platform,
  address: AddressInput,
  site: Site,
  facts: HostFacts | undefined,
): HostAddress {
  const ipv4 = parseOf("ipv4", address.ipv4);
  const ipv6 = parseOf("ipv6", address.ipv6);
  const public4 = site.ipv4 === "public" ? (ipv4?.address ?? facts?.ipv4) : undefined;
  const public6 = site.ipv6 === "public" && !lacksIpv6(platform, address) ? (ipv6?.address ?? facts?.ipv6) : undefined;
  return {
    ...(ipv4 && { ipv4 }),
    ...(address.gateway4 !== undefined && familyOf(address.gateway4) === "ipv4" && { gateway4: address.gateway4 }),
    ...(ipv6 && { ipv6 }),
    ...(address.gateway6 !== undefined && familyOf(address.gateway6) === "ipv6" && { gateway6: address.gateway6 }),
    ...(address.lan !== undefined && { lan: address.lan }),
    dns: address.dns ?? [],
    ...(address.interface !== undefined && { interface: address.interface }),
    ...(address.mac !== undefined && { mac: address.mac.toLowerCase() }),
    ...(public4 !== undefined && { public4 }),
    ...(public6 !== undefined && { public6 }),
  };
}

function parseOf(family: "ipv4" | "ipv6", text: string | undefined): Cidr | null {
  const cidr = text === undefined ? null : Cidr.parse(text);
  return cidr?.family === family ? cidr : null;
}
