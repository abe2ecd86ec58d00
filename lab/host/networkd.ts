import { parseEndpoint } from "../../generators/model/endpoint.js";
import { familyOf } from "../../generators/model/net.js";
import type { Netdev, Network } from "../../generators/render/types.js";
import type { Attachment, HostSpec, Lease } from "../spec.js";
import { printAddresses, printRoutes } from "./addresses.js";

/** systemd-networkd's part, for exactly the settings that the views have: which commands its units come to. */

/** A WireGuard peer, with the names of WireGuard's own fields. */
export interface WireguardPeerSpec {
  readonly publicKey: string;
  /** CIDR notation. */
  readonly allowedIps: readonly string[];
  /** `address:port` or `name:port`. */
  readonly endpoint?: string;
  /** Seconds. */
  readonly keepalive?: number;
}

/** A WireGuard interface. */
export interface WireguardDevice {
  readonly device: string;
  /** Bytes. */
  readonly mtu: number;
  readonly privateKeyFile: string;
  /** The kernel chooses one where it is missing. */
  readonly listenPort?: number;
  readonly peers: readonly WireguardPeerSpec[];
  /** Lines for `ip -batch -`, once the device exists. */
  readonly ip: readonly string[];
}

/** What to run in a host's namespace. Everything may be run again. */
export interface HostNetwork {
  readonly uplink: {
    /** Lines for `ip -batch -`. */
    readonly ip: readonly string[];
    /** Settings below /proc/sys, to be made first. Slashes separate, where an interface has a dot in its name, as in sysctl.d(5). */
    readonly sysctl: Readonly<Record<string, string | number>>;
  };
  /** Sorted by the names of their units. */
  readonly wireguard: readonly WireguardDevice[];
}

type Networkd = HostSpec["networkd"];

/** networkd's metric of routes that DHCP and router advertisements bring. */
const LEASE_METRIC = 1024;

/**
 * Reads a host's units.
 * @param attachment what the host is plugged into, and what it is given there
 * @throws RangeError where no unit matches the interface
 */
export function readNetworkd(networkd: Networkd, attachment: Attachment): HostNetwork {
  const names = Object.keys(networkd.netdevs).sort();
  const wireguard = names.flatMap((name) => {
    const netdev = networkd.netdevs[name];
    return isWireguard(netdev) ? [readWireguard(netdev, networkd)] : [];
  });
  return { uplink: readUplink(networkd, attachment), wireguard };
}

/** What `wg setconf` reads. Endpoints that are names come later: one that does not resolve would fail the whole file. */
export function wireguardConfig(device: WireguardDevice, privateKey: string): string {
  const peers = device.peers.map(({ publicKey, allowedIps, endpoint, keepalive }) =>
    section("Peer", {
      PublicKey: publicKey,
      AllowedIPs: allowedIps.join(", "),
      Endpoint: endpoint === undefined || isNamed(endpoint) ? undefined : endpoint,
      PersistentKeepalive: keepalive,
    }),
  );
  return [section("Interface", { PrivateKey: privateKey.trim(), ListenPort: device.listenPort }), ...peers].join("\n");
}

/** Whether an endpoint has to be looked up. */
export function isNamed(endpoint: string): boolean {
  return familyOf(parseEndpoint(endpoint)?.host ?? "") === null;
}

function section(name: string, values: Readonly<Record<string, string | number | undefined>>): string {
  const lines = Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [`${key} = ${value}\n`]));
  return `[${name}]\n${lines.join("")}`;
}

function isWireguard(netdev: Networkd["netdevs"][string] | undefined): netdev is Netdev {
  return netdev !== undefined && "wireguardConfig" in netdev;
}

function readWireguard(
  { netdevConfig, wireguardConfig: own, wireguardPeers }: Netdev,
  networkd: Networkd,
): WireguardDevice {
  const device = netdevConfig.Name;
  const network = findNetwork(networkd, ({ matchConfig }) => matchConfig.Name === device);
  return {
    device,
    mtu: Number(netdevConfig.MTUBytes),
    privateKeyFile: own.PrivateKeyFile,
    ...(own.ListenPort !== undefined && { listenPort: own.ListenPort }),
    peers: wireguardPeers.map((peer) => ({
      publicKey: peer.PublicKey,
      allowedIps: peer.AllowedIPs,
      ...(peer.Endpoint !== undefined && { endpoint: peer.Endpoint }),
      ...(peer.PersistentKeepalive !== undefined && { keepalive: peer.PersistentKeepalive }),
    })),
    ip: [`link set dev ${device} up`, ...printAddresses(device, network), ...printRoutes(device, network)],
  };
}

/** networkd takes the first unit, in the order of their names, that matches. @throws RangeError where none does */
function findNetwork(networkd: Networkd, matches: (network: Network) => boolean): Network {
  const name = Object.keys(networkd.networks)
    .sort()
    .find((unit) => matches(networkd.networks[unit] as Network));
  const network = name === undefined ? undefined : networkd.networks[name];
  if (network === undefined) throw new RangeError("no unit of networkd matches");
  return network;
}

function readUplink(networkd: Networkd, attachment: Attachment): HostNetwork["uplink"] {
  const { interface: device } = attachment;
  const network = findNetwork(networkd, ({ matchConfig }) => matchesDevice(matchConfig, attachment));
  if (network.vlan !== undefined) return readTrunk(networkd, attachment, network.vlan);
  return {
    sysctl: ownSysctl(device),
    ip: [
      `link set dev ${device} up`,
      ...printAddresses(device, network),
      ...printRoutes(device, network),
      ...printLeases(device, network, attachment),
    ],
  };
}

/** A VLAN on the interface that the cable is in. */
function readTrunk(networkd: Networkd, attachment: Attachment, vlans: readonly string[]): HostNetwork["uplink"] {
  const parent = attachment.interface;
  const made = Object.values(networkd.netdevs).flatMap((netdev) => {
    const { netdevConfig, vlanConfig } = netdev as { netdevConfig?: { Name?: string }; vlanConfig?: { Id?: number } };
    const name = netdevConfig?.Name;
    if (name === undefined || vlanConfig?.Id === undefined || !vlans.includes(name)) return [];
    const above = readUplink(networkd, { ...attachment, interface: name });
    return [{ add: `link add link ${parent} name ${name} type vlan id ${vlanConfig.Id}`, above }];
  });
  return {
    sysctl: Object.assign(ownSysctl(parent), ...made.map(({ above }) => above.sysctl)),
    ip: [`link set dev ${parent} up`, ...made.flatMap(({ add, above }) => [add, ...above.ip])],
  };
}

/** `Name` holds patterns, with blanks between them. */
function matchesDevice(
  { Name, MACAddress, PermanentMACAddress }: Network["matchConfig"],
  { interface: device, mac }: Attachment,
): boolean {
  const wanted = MACAddress ?? PermanentMACAddress;
  if (wanted !== undefined && wanted.toLowerCase() !== mac.toLowerCase()) return false;
  return Name === undefined ? wanted !== undefined : Name.split(" ").some((pattern) => matchesPattern(pattern, device));
}

function matchesPattern(pattern: string, device: string): boolean {
  return pattern.endsWith("*") ? device.startsWith(pattern.slice(0, -1)) : pattern === device;
}

/** networkd follows router advertisements itself, and has the kernel keep out of it. */
function ownSysctl(device: string): Record<string, number> {
  const key = (setting: string) =>
    device.includes(".") ? `net/ipv6/conf/${device}/${setting}` : `net.ipv6.conf.${device}.${setting}`;
  return { [key("accept_ra")]: 0, [key("disable_ipv6")]: 0 };
}

/**
 * What DHCP and router advertisements bring; a host that has an address of a family takes the route alone. A gateway outside
 * of the lease's network is reached on the link, as DHCP's own routes have it.
 */
function printLeases(device: string, network: Network, { lease4, lease6 }: Attachment): string[] {
  const dhcp = network.DHCP === "ipv4" || network.DHCP === "yes";
  const advertised = network.networkConfig?.IPv6AcceptRA === true;
  const has6 = network.address?.some((address) => address.includes(":")) ?? false;
  return [
    ...(dhcp && lease4 !== undefined ? printLease(device, lease4, true) : []),
    ...(advertised && lease6 !== undefined ? printLease(device, lease6, !has6) : []),
  ];
}

function printLease(device: string, { address, gateway }: Lease, whole: boolean): string[] {
  return [
    ...(whole ? printAddresses(device, { address: [address] }) : []),
    ...printRoutes(device, { routes: [{ Gateway: gateway, GatewayOnLink: true }] }, LEASE_METRIC),
  ];
}
