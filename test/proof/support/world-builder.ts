import type { HostAddress, Site } from "../../../generators/model/fleet.js";
import { Cidr, formatIpv4, parseIpv4 } from "../../../generators/model/net.js";
import type { Uplink } from "../../../generators/model/vocabulary.js";
import type { HostViews, WireguardPeer } from "../../../generators/render/types.js";
import type { HostSpec, TestHost, TestWorld, WorldSpec } from "./world-types.js";

/** Worlds for tests, written by a planner of their own: small, slow and nothing but right. */

const PORT = 51820;
const DOMAIN = "cats.example.org";

interface Draft {
  spec: HostSpec;
  ip: string;
  key: string;
  site: Site;
  address: HostAddress;
  relay: boolean;
}

/** Where `from` sends its first packet to `to`. */
function endpointTo(from: Draft, to: Draft): string | null {
  const sameSite = from.site === to.site;
  if (sameSite && to.address.lan !== undefined) return `${to.address.lan}:${PORT}`;
  for (const family of ["ipv6", "ipv4"] as const) {
    // A new machine of a provider has no IPv6 before its address is written down.
    if (from.site[family] === "none" || (from.spec.pending === true && family === "ipv6")) continue;
    const known = family === "ipv6" ? to.address.public6 : to.address.public4;
    if (to.site[family] === "public" && known !== undefined)
      return family === "ipv6" ? `[${known}]:${PORT}` : `${known}:${PORT}`;
    const { endpoint } = to.spec;
    if (to.site[family] === "portForwarded" && endpoint !== undefined && !sameSite)
      return `${endpoint.host}:${endpoint.port}`;
  }
  return null;
}

function canLink(a: Draft, b: Draft): boolean {
  return endpointTo(a, b) !== null || endpointTo(b, a) !== null;
}

function peer(from: Draft, to: Draft, allowed: string[], always = false): WireguardPeer {
  const endpoint = endpointTo(from, to);
  const keep = endpoint !== null && (always || from.site.dynamic || endpointTo(to, from) === null);
  return {
    PublicKey: to.key,
    AllowedIPs: allowed,
    ...(endpoint !== null && { Endpoint: endpoint }),
    ...(keep && { PersistentKeepalive: 25 }),
  };
}

function draftHosts(spec: WorldSpec, cluster: string, range: number): Draft[] {
  const sites = new Map<string, Site>(
    Object.entries(spec.sites).map(([name, { lan, dynamic = false, mtu = 1500, ...rest }]) => [
      name,
      { name, dynamic, mtu, ...rest, ...(lan !== undefined && { lan: Cidr.of(lan) }) },
    ]),
  );
  return spec.hosts
    .filter((host) => (host.cluster ?? "cats") === cluster)
    .map((host, i) => {
      const site = sites.get(host.site);
      if (site === undefined) throw new RangeError(host.site);
      const number = i + 1 + range * 4096;
      const open = (uplink: Uplink) => uplink === "public" && host.pending !== true;
      return {
        spec: host,
        ip: formatIpv4(parseIpv4("10.10.0.0") + range * 65536 + i + 1),
        key: `key-of-${host.name}`,
        site,
        address: {
          dns: [],
          ...(open(site.ipv4) && { public4: formatIpv4(parseIpv4("203.0.0.0") + number) }),
          ...(open(site.ipv6) && { public6: `2001:db8::${number.toString(16)}` }),
          ...(site.lan !== undefined && { lan: site.lan.at(BigInt((i % 250) + 2)) }),
        },
        relay: spec.relays?.includes(host.name) === true,
      };
    });
}

interface Plan {
  range: string;
  all: Draft[];
  relays: Draft[];
  hub: boolean;
  filterForward: boolean;
}

function usableRelays(own: Draft, plan: Plan): Draft[] {
  return own.relay ? [] : plan.relays.filter((relay) => endpointTo(own, relay) !== null);
}

function othersBehind(own: Draft, plan: Plan): Draft[] {
  return plan.all.filter((other) => other !== own && !canLink(own, other));
}

interface Wires {
  netdevs: HostViews["mesh"]["netdevs"][string][];
  networks: HostViews["mesh"]["networks"][string][];
  statics: NonNullable<HostViews["mesh"]["bird"]>["statics"][number][];
}

function netdev(name: string, peers: WireguardPeer[], port?: number): Wires["netdevs"][number] {
  return {
    netdevConfig: { Name: name, Kind: "wireguard", MTUBytes: "1420" },
    wireguardConfig: { PrivateKeyFile: "/run/agenix/wireguard", ...(port !== undefined && { ListenPort: port }) },
    wireguardPeers: peers,
  };
}

function failsOver(own: Draft, plan: Plan): boolean {
  return usableRelays(own, plan).length > 1 && (plan.hub || othersBehind(own, plan).length > 0);
}

function carries(relay: Draft, own: Draft): boolean {
  return endpointTo(own, relay) !== null || (own.relay && canLink(relay, own));
}

function commonRelays(a: Draft, b: Draft, { relays }: Plan): Draft[] {
  return relays.filter((relay) => relay !== a && relay !== b && carries(relay, a) && carries(relay, b));
}

function directPeers(own: Draft, plan: Plan, over: Set<Draft>): WireguardPeer[] {
  const single = plan.hub && !own.relay && !over.has(own);
  const behind = plan.hub ? [] : othersBehind(own, plan);
  return (plan.hub && !own.relay ? plan.relays : plan.all).flatMap((other) => {
    if (other === own || !canLink(own, other)) return [];
    if (over.has(own) && other.relay) return [];
    if (single && usableRelays(own, plan)[0] !== other) return [];
    const beyond = over.has(own) ? [] : behind.filter((one) => commonRelays(own, one, plan)[0] === other);
    const allowed = single ? [plan.range] : [other, ...beyond].map(({ ip }) => `${ip}/32`);
    return [peer(own, other, allowed)];
  });
}

function wiresOf(own: Draft, plan: Plan, over: Set<Draft>): Wires {
  const fails = over.has(own);
  const prefix = plan.hub && !own.relay && fails ? 32 : 16;
  const wires: Wires = {
    netdevs: [netdev("mesh", directPeers(own, plan, over), PORT)],
    networks: [{ matchConfig: { Name: "mesh" }, addresses: [{ Address: `${own.ip}/${prefix}` }] }],
    statics: [],
  };
  if (!fails) return wires;
  usableRelays(own, plan).forEach((relay, i) => {
    const behind = othersBehind(own, plan).filter((one) => commonRelays(own, one, plan).includes(relay));
    const allowed = plan.hub ? [plan.range] : [relay, ...behind].map(({ ip }) => `${ip}/32`);
    const name = `to-${relay.spec.name}`;
    wires.netdevs.push(netdev(name, [peer(own, relay, allowed, true)]));
    wires.networks.push({
      matchConfig: { Name: name },
      addresses: [{ Address: `${own.ip}/32`, Peer: `${relay.ip}/32` }],
    });
    const routes = (plan.hub ? [plan.range] : allowed.slice(1)).map((to) => ({ to, via: relay.ip }));
    wires.statics.push({ name: relay.spec.name, preference: 200 - i, routes, source: own.ip });
  });
  return wires;
}

function firewallOf(own: Draft, wires: Wires, plan: Plan, bird: boolean): HostViews["network"]["firewall"] {
  const server = own.spec.server === true;
  const nomad = own.spec.nomad !== false;
  const ports = {
    allowedTCPPorts: [
      53,
      8301,
      ...(server ? [8300] : []),
      ...(nomad ? [4646] : []),
      ...(nomad && server ? [4647, 4648] : []),
    ],
    allowedUDPPorts: [53, 8301, ...(nomad && server ? [4648] : []), ...(bird ? [3784] : [])],
  };
  return {
    allowedTCPPorts: [22],
    allowedUDPPorts: [PORT],
    interfaces: Object.fromEntries(wires.netdevs.map(({ netdevConfig }) => [netdevConfig.Name, { ...ports }])),
    filterForward: own.relay && plan.filterForward,
    extraForwardRules: own.relay && plan.filterForward ? ['iifname "mesh" oifname "mesh" accept'] : [],
    extraInputRules: [],
    checkReversePath: "loose",
  };
}

function viewsOf(own: Draft, plan: Plan, over: Set<Draft>): HostViews {
  const wires = wiresOf(own, plan, over);
  const leaves = own.relay ? plan.all.filter((leaf) => over.has(leaf) && usableRelays(leaf, plan).includes(own)) : [];
  const bird = wires.statics.length > 0 || leaves.length > 0;
  const server = own.spec.server === true;
  const named = (unit: Wires["netdevs"][number]) => unit.netdevConfig.Name;
  return {
    network: {
      netdevs: {},
      networks: {},
      firewall: firewallOf(own, wires, plan, bird),
      nameservers: [],
    },
    mesh: {
      netdevs: Object.fromEntries(wires.netdevs.map((unit) => [`50-${named(unit)}`, unit])),
      networks: Object.fromEntries(wires.networks.map((unit) => [`50-${unit.matchConfig.Name}`, unit])),
      sysctl: own.relay ? { "net.ipv4.ip_forward": 1 } : {},
      bird: bird
        ? {
            routerId: own.ip,
            interfaces: own.relay ? ["mesh"] : ["to-*"],
            intervalMs: 1000,
            multiplier: 3,
            statics: wires.statics,
            neighbors: leaves.map(({ ip }) => ({ address: ip, interface: "mesh", local: own.ip })),
          }
        : null,
      reresolve: [],
    },
    consul: { bind_addr: own.ip, datacenter: "cats", server, retry_join: [] },
    nomad: own.spec.nomad === false ? null : { region: "cats", bind_addr: own.ip, server: { enabled: server } },
    dns: { server: { interface: ["127.0.0.1", own.ip] } },
  };
}

/** A world that works. */
export function buildWorld(spec: WorldSpec): TestWorld {
  const names = [...new Set(spec.hosts.map(({ cluster = "cats" }) => cluster))];
  const world: TestWorld = { domain: DOMAIN, clusters: new Map(), hosts: new Map(), deviceKeys: new Set() };
  names.forEach((name, i) => {
    const all = draftHosts(spec, name, i);
    const relays = all.filter(({ relay }) => relay);
    const range = `10.${10 + i}.0.0/16`;
    const plan: Plan = { range, all, relays, hub: spec.topology === "hub", filterForward: spec.filterForward ?? true };
    world.clusters.set(name, {
      name,
      port: PORT,
      topology: spec.topology ?? "full",
      relays: relays.map((relay) => relay.spec.name),
    });
    const over = new Set(all.filter((own) => failsOver(own, plan)));
    for (const own of all) {
      const { endpoint } = own.spec;
      const host = {
        name: own.spec.name,
        cluster: name,
        platform: own.spec.pending === true ? "hetznerVm" : "bareMetal",
        site: own.site,
        address: own.address,
        ...(endpoint !== undefined && { endpoint }),
        ip: own.ip,
        publicKey: own.key,
        views: viewsOf(own, plan, over),
      };
      // A test may change all of it: shared parts become each host's own.
      world.hosts.set(own.spec.name, cloneHost(host));
    }
  });
  return world;
}

function cloneHost(host: object): TestHost {
  const { site, ...rest } = host as TestHost;
  return { ...structuredClone(rest), site };
}
