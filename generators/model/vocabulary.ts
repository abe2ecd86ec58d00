/** The words that both what a person writes and what the program works on are built from. */

/** Where a machine runs; one builder, one platform module and one view each. */
export const PLATFORMS = ["raspberryPi", "proxmoxLxc", "proxmoxVm", "hetznerVm", "contaboVm", "bareMetal"] as const;
export type Platform = (typeof PLATFORMS)[number];

/** Providers whose machines get their public addresses from them, once they exist. */
export const CLOUD: ReadonlySet<Platform> = new Set(["hetznerVm", "contaboVm"]);

/**
 * How one address family of a site reaches the internet.
 *
 * - `public`: every host has an address that the world can reach.
 * - `portForwarded`: one address; the router forwards the mesh port to a host that names its `mesh.endpoint`.
 * - `nat`: outbound through a router whose address the site owns, nothing forwarded.
 * - `cgnat`: outbound through the provider's address translation.
 * - `firewalled`: own addresses, but only outbound connections work.
 * - `none`: the family does not exist here.
 */
export const UPLINKS = ["public", "portForwarded", "nat", "cgnat", "firewalled", "none"] as const;
export type Uplink = (typeof UPLINKS)[number];

export const ZONE_PROVIDERS = ["hetzner", "cloudflare"] as const;
/** Who serves a DNS zone. */
export type ZoneProvider = (typeof ZONE_PROVIDERS)[number];

export const DRIVERS = ["docker", "exec", "raw_exec", "java", "qemu"] as const;
/** A Nomad task driver. */
export type Driver = (typeof DRIVERS)[number];

export const ARCHITECTURES = ["x86_64", "aarch64"] as const;
/** A processor architecture, as Nix names it. */
export type Architecture = (typeof ARCHITECTURES)[number];

export const FAMILIES = ["ipv6", "ipv4"] as const;
/** An address family; where both work, the first one is used. */
export type Family = (typeof FAMILIES)[number];
