import type { FirewallView, OpenPorts } from "../../render/types.js";
import type { Prefix } from "../sets/prefixes.js";
import { decide, matchesName, type NftRule, type PacketInfo, parseRule } from "./nftables.js";

/** NixOS's nftables firewall, as the view sets it. Replies to what went out before always pass and are not asked about. */

export type Protocol = "tcp" | "udp";

export interface Firewall {
  readonly view: FirewallView;
  /** What is open on single interfaces; a name may end in `*`. */
  readonly zones: readonly { readonly names: readonly string[]; readonly ports: OpenPorts }[];
  readonly inputRules: readonly NftRule[];
  readonly forwardRules: readonly NftRule[];
  /** Packets must come in where the route back goes out. */
  readonly strict: boolean;
}

/** Reads a firewall; the same rule is read only once. */
export class FirewallReader {
  private readonly rules = new Map<string, NftRule | null>();

  read(view: FirewallView): Firewall {
    return {
      view,
      zones: Object.entries(view.interfaces).map(([name, ports]) => ({ names: [name], ports })),
      inputRules: view.extraInputRules.flatMap((text) => this.readRule(text) ?? []),
      forwardRules: view.extraForwardRules.flatMap((text) => this.readRule(text) ?? []),
      strict: view.checkReversePath === true,
    };
  }

  private readRule(text: string): NftRule | null {
    const known = this.rules.get(text);
    if (known !== undefined) return known;
    const rule = parseRule(text);
    this.rules.set(text, rule);
    return rule;
  }
}

function isOpen(ports: OpenPorts, protocol: Protocol, port: number): boolean {
  const single = protocol === "tcp" ? ports.allowedTCPPorts : ports.allowedUDPPorts;
  if (single?.includes(port) === true) return true;
  const ranges = protocol === "tcp" ? ports.allowedTCPPortRanges : ports.allowedUDPPortRanges;
  return ranges?.some(({ from, to }) => from <= port && port <= to) === true;
}

/** Whether a packet to the host itself comes through. */
export function admits({ view, zones, inputRules }: Firewall, packet: PacketInfo): boolean {
  const { protocol, port } = packet;
  if (isOpen(view, protocol, port)) return true;
  for (const { names, ports } of zones) {
    if (matchesName(names, packet.in) && isOpen(ports, protocol, port)) return true;
  }
  return decide(inputRules, packet) === true;
}

/**
 * Whether a UDP packet from the underlay comes through to WireGuard: opened for the world, or for an interface that is
 * none of the mesh's.
 */
export function admitsUnderlay(
  { view, zones, inputRules }: Firewall,
  meshInterfaces: ReadonlySet<string>,
  port: number,
): boolean {
  if (isOpen(view, "udp", port)) return true;
  for (const { names, ports } of zones) {
    if (!names.some((name) => meshInterfaces.has(name)) && isOpen(ports, "udp", port)) return true;
  }
  return inputRules.some(
    (rule) =>
      rule.accept &&
      (rule.in === null || rule.in.some((name) => !meshInterfaces.has(name))) &&
      (rule.protocols === null || rule.protocols.includes("udp")) &&
      (rule.ports === null || rule.ports.some(({ from, to }) => from <= port && port <= to)),
  );
}

/** Whether a packet from host to host comes through. */
export function forwards({ view, forwardRules }: Firewall, packet: PacketInfo): boolean {
  return !view.filterForward || decide(forwardRules, packet) === true;
}

/**
 * Whether every packet that comes in on one interface may go out on another, as far as the rules up to the first one that drops say;
 * `false` only means that it depends on the packet.
 * @param inside whether a network holds every address that there is
 */
export function forwardsAll(
  { view, forwardRules }: Firewall,
  into: string,
  out: string,
  inside: (prefixes: readonly Prefix[]) => boolean,
): boolean {
  if (!view.filterForward) return true;
  for (const { in: from, out: to, source, destination, protocols, ports, accept } of forwardRules) {
    if (!matchesName(from, into) || !matchesName(to, out)) continue;
    if (!accept) return false;
    // A rule that accepts only some leaves the rest to the next one.
    if (ports !== null || protocols !== null) continue;
    if ((source === null || inside(source)) && (destination === null || inside(destination))) return true;
  }
  return false;
}
