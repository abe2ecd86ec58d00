import type { Host } from "../../../model/fleet.js";
import { Cidr } from "../../../model/net.js";
import type { HostPlan } from "../../../plan/types.js";
import type { Network, NetworkView } from "../../types.js";
import { viewFirewall } from "./firewall.js";

/** The uplink by systemd-networkd, the firewall, and who is asked for names. */

/** Every name that udev gives to wired interfaces: `enp1s0`, `ens18`, `end0`, `eth0`. */
const ANY_ETHERNET = "en* eth*";
const LINK_LOCAL_IPV6 = Cidr.of("fe80::/10");
/** `eth0.20` is VLAN 20 on `eth0`, as everywhere in Linux. */
const VLAN = /^(.+)\.([0-9]{1,4})$/;

type Route = NonNullable<Network["routes"]>[number];

/** A gateway outside of the host's own network is reached on the link all the same, as Hetzner and others want it. */
function viewRoute(gateway: string, own: Cidr | undefined): Route {
  const near = LINK_LOCAL_IPV6.contains(gateway) || own?.contains(gateway) === true;
  return near ? { Gateway: gateway } : { Gateway: gateway, GatewayOnLink: true };
}

function matchOf({ address }: Host): Network["matchConfig"] {
  if (VLAN.test(address.interface ?? "")) return { Name: address.interface ?? ANY_ETHERNET };
  if (address.mac !== undefined) return { MACAddress: address.mac, Type: "ether" };
  return { Name: address.interface ?? ANY_ETHERNET };
}

/** What is not static comes from DHCP and router advertisements, for each family that the site has. */
function viewUplink(host: Host): Network {
  const { address, reaches } = host;
  const dhcp = address.ipv4 === undefined && reaches.ipv4;
  const advertised = reaches.ipv6 && (address.ipv6 === undefined || address.gateway6 === undefined);
  const own = [address.ipv4, address.ipv6].flatMap((cidr) => (cidr === undefined ? [] : [cidr.toString()]));
  const routes = [
    ...(address.gateway4 === undefined ? [] : [viewRoute(address.gateway4, address.ipv4)]),
    ...(address.gateway6 === undefined ? [] : [viewRoute(address.gateway6, address.ipv6)]),
  ];
  return {
    matchConfig: matchOf(host),
    ...(own.length > 0 && { address: own }),
    ...(routes.length > 0 && { routes }),
    ...(dhcp && { DHCP: "ipv4" }),
    networkConfig: { IPv6AcceptRA: advertised },
    linkConfig: { RequiredForOnline: "routable" },
  };
}

/** The VLAN that an interface's name stands for, and the network of its parent. */
function viewVlan(host: Host): Pick<NetworkView, "netdevs" | "networks"> {
  const [, parent, id] = VLAN.exec(host.address.interface ?? "") ?? [];
  const { interface: name, mac } = host.address;
  if (name === undefined || parent === undefined) return { netdevs: {}, networks: {} };
  // The VLAN has the same address as its trunk, but not for good.
  const trunk = mac === undefined ? { Name: parent } : { PermanentMACAddress: mac };
  return {
    netdevs: { "05-vlan": { netdevConfig: { Name: name, Kind: "vlan" }, vlanConfig: { Id: Number(id) } } },
    networks: {
      "05-trunk": {
        matchConfig: trunk,
        vlan: [name],
        networkConfig: { LinkLocalAddressing: "no" },
        linkConfig: { RequiredForOnline: "no" },
      },
    },
  };
}

export function viewNetwork(own: HostPlan): NetworkView {
  const { host } = own;
  const vlan = viewVlan(host);
  return {
    netdevs: vlan.netdevs,
    networks: { ...vlan.networks, "10-uplink": viewUplink(host) },
    firewall: viewFirewall(own),
    // Unbound first; the uplink's own resolvers only answer while it does not.
    nameservers: ["127.0.0.1", ...host.address.dns],
  };
}
