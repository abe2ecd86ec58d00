import { formatEndpoint } from "../../../model/endpoint.js";
import type { HostPlan, MeshInterface, MeshPeer } from "../../../plan/types.js";
import { COMMENT, type Commented } from "../../nix/nix.js";
import type { BirdView, MeshView, Netdev, Network, WireguardPeer } from "../../types.js";
import { secretPath } from "../secrets.js";

/** WireGuard by systemd-networkd, the kernel's settings for it, and BIRD's where relays can fail. */

/** BFD declares a neighbour dead after so many lost packets. */
const BFD_MULTIPLIER = 3;

/** The public key of a host whose key `generate` has not made yet; unique, so that peers stay apart in a check. */
export function placeholderKey(name: string): string {
  return `<made by meshflake generate: ${name}>`;
}

/** networkd's name for the units of a mesh interface. */
export function unitName(name: string): string {
  return `40-${name}`;
}

/** Peers that the planner shares between hosts are shared between views as well. */
const peers = new WeakMap<MeshPeer, WireguardPeer & Commented>();

function viewPeer(peer: MeshPeer): WireguardPeer & Commented {
  const known = peers.get(peer);
  if (known !== undefined) return known;
  const view = {
    [COMMENT]: peer.kind === "device" ? `${peer.name} (device)` : peer.name,
    PublicKey: peer.publicKey ?? placeholderKey(peer.name),
    AllowedIPs: peer.allowedIps,
    ...(peer.endpoint !== undefined && { Endpoint: formatEndpoint(peer.endpoint) }),
    ...(peer.keepalive !== undefined && { PersistentKeepalive: peer.keepalive }),
  };
  peers.set(peer, view);
  return view;
}

function viewNetdev(mesh: MeshInterface, keyFile: string): Netdev {
  return {
    netdevConfig: { Name: mesh.name, Kind: "wireguard", MTUBytes: String(mesh.mtu) },
    wireguardConfig: {
      PrivateKeyFile: keyFile,
      ...(mesh.listenPort !== undefined && { ListenPort: mesh.listenPort }),
    },
    wireguardPeers: mesh.peers.map(viewPeer),
  };
}

function viewNetwork(mesh: MeshInterface): Network {
  return {
    matchConfig: { Name: mesh.name },
    ...(mesh.peerAddress === undefined
      ? { address: [mesh.address] }
      : { addresses: [{ Address: mesh.address, Peer: mesh.peerAddress }] }),
    ...(mesh.routes !== undefined && { routes: mesh.routes.map((to) => ({ Destination: to })) }),
    linkConfig: { RequiredForOnline: "no" },
  };
}

/** Only what the host's part in the mesh needs: forwarding on relays, a loose reverse path where paths differ. */
function viewSysctl({ mesh }: HostPlan): Record<string, number> {
  const names = mesh.interfaces.map(({ name }) => name);
  const each = (keys: readonly string[], setting: string, value: number) =>
    keys.map((key) => [`net.ipv4.conf.${key}.${setting}`, value] as const);
  return Object.fromEntries([
    ...(mesh.forwards ? ([["net.ipv4.ip_forward", 1]] as const) : []),
    // The kernel takes the larger of `all` and the interface's own, and redirects where any of the three says so.
    ...(mesh.asymmetric ? each(["all", ...names], "rp_filter", 2) : []),
    ...(mesh.forwards ? each(["all", "default", ...names], "send_redirects", 0) : []),
  ]);
}

function viewBird({ mesh }: HostPlan): BirdView | null {
  const { bird } = mesh;
  if (bird === null) return null;
  return {
    routerId: bird.routerId,
    interfaces: bird.interfaces,
    intervalMs: bird.interval * 1000,
    multiplier: BFD_MULTIPLIER,
    statics: bird.relays.map(({ relay, via, preference, routes }) => ({
      name: relay,
      preference,
      routes: routes.map((to) => ({ to, via })),
      source: mesh.ip,
    })),
    neighbors: bird.neighbors.map(({ address }) => ({ address, interface: "mesh", local: mesh.ip })),
  };
}

export function viewMesh(own: HostPlan): MeshView {
  const { mesh } = own;
  const keyFile = secretPath("wireguard");
  return {
    netdevs: Object.fromEntries(mesh.interfaces.map((item) => [unitName(item.name), viewNetdev(item, keyFile)])),
    networks: Object.fromEntries(mesh.interfaces.map((item) => [unitName(item.name), viewNetwork(item)])),
    sysctl: viewSysctl(own),
    bird: viewBird(own),
    reresolve: mesh.namedEndpoints.map(({ interface: name, peer, publicKey, endpoint }) => ({
      interface: name,
      publicKey: publicKey ?? placeholderKey(peer),
      endpoint: formatEndpoint(endpoint),
    })),
  };
}
