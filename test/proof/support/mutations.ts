import { formatIpv4, parseIpv4 } from "../../../generators/model/net.js";
import type { TestHost, TestWorld } from "./world-types.js";

/** Ways to break a world. Each takes what it touches by number, so that random numbers make random damage. */

export function hostNamed(world: TestWorld, name: string): TestHost {
  const host = world.hosts.get(name);
  if (host === undefined) throw new RangeError(`no host ${name}`);
  return host;
}

export function wireNamed(host: TestHost, name: string) {
  const wire = host.views.mesh.netdevs[`50-${name}`];
  if (wire === undefined) throw new RangeError(`no interface ${name}`);
  return wire;
}

export function peerNamed(world: TestWorld, host: string, wire: string, other: string) {
  const peer = wireNamed(hostNamed(world, host), wire).wireguardPeers.find(
    (one) => one.PublicKey === `key-of-${other}`,
  );
  if (peer === undefined) throw new RangeError(`no peer ${other} on ${wire} of ${host}`);
  return peer;
}

export function dropPeer(world: TestWorld, host: string, wire: string, other: string): void {
  const unit = wireNamed(hostNamed(world, host), wire);
  unit.wireguardPeers = unit.wireguardPeers.filter(({ PublicKey }) => PublicKey !== `key-of-${other}`);
}

export function closePort(host: TestHost, port: number, protocol: "tcp" | "udp"): void {
  const list = protocol === "tcp" ? "allowedTCPPorts" : "allowedUDPPorts";
  const { firewall } = host.views.network;
  for (const ports of [firewall, ...Object.values(firewall.interfaces)]) {
    ports[list] = ports[list]?.filter((one) => one !== port) ?? [];
  }
}

export interface Damage {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

function pick<T>(items: readonly T[], number: number): T | undefined {
  return items[number % Math.max(1, items.length)];
}

type Breaker = (world: TestWorld, host: TestHost, damage: Damage) => void;

function wireOf(host: TestHost, { b }: Damage) {
  return pick(Object.values(host.views.mesh.netdevs), b);
}

function peerOf(host: TestHost, damage: Damage) {
  return pick(wireOf(host, damage)?.wireguardPeers ?? [], damage.c);
}

function otherOf(world: TestWorld, { c }: Damage): TestHost | undefined {
  return pick([...world.hosts.values()], c);
}

function networkOf(host: TestHost, { b }: Damage) {
  return pick(Object.values(host.views.mesh.networks), b);
}

export const BREAKERS: Readonly<Record<string, Breaker>> = {
  dropPeer: (_, host, damage) => wireOf(host, damage)?.wireguardPeers.splice(damage.c % 5, 1),
  swapAllowed: (_, host, damage) => {
    const peers = wireOf(host, damage)?.wireguardPeers ?? [];
    const [one, two] = [pick(peers, damage.c), pick(peers, damage.c + 1)];
    if (one === undefined || two === undefined) return;
    [one.AllowedIPs, two.AllowedIPs] = [two.AllowedIPs, one.AllowedIPs];
  },
  allowMore: (world, host, damage) => {
    const other = otherOf(world, damage);
    if (other !== undefined) peerOf(host, { ...damage, c: damage.c >> 4 })?.AllowedIPs.push(`${other.ip}/32`);
  },
  allowRange: (_, host, damage) =>
    peerOf(host, damage)?.AllowedIPs.push(damage.a % 2 === 0 ? "10.10.0.0/16" : "10.10.0.4/30"),
  allowLess: (_, host, damage) => peerOf(host, damage)?.AllowedIPs.splice(damage.a % 3, 1),
  closePort: (_, host, { b, c }) =>
    closePort(host, pick([8301, 8300, 53, 4647, 3784, 51820], b) ?? 53, c % 2 ? "tcp" : "udp"),
  inputRule: (_, host, { b, c }) => {
    closePort(host, 53, "udp");
    const rules = [
      "ip saddr 10.10.0.0/29 udp dport 53 accept",
      'iifname "mesh" udp dport { 53, 60-70 } accept',
      "ip saddr 10.10.0.0/16 meta l4proto udp accept",
    ];
    host.views.network.firewall.extraInputRules.push(pick(rules, b + c) ?? "");
  },
  noKeepalive: (_, host, damage) => delete peerOf(host, damage)?.PersistentKeepalive,
  noEndpoint: (_, host, damage) => delete peerOf(host, damage)?.Endpoint,
  endpointPort: (_, host, damage) => {
    const peer = peerOf(host, damage);
    if (peer?.Endpoint !== undefined) peer.Endpoint = peer.Endpoint.replace(/\d+$/, "51821");
  },
  listenPort: (_, host, damage) => {
    const wire = wireOf(host, damage);
    if (wire !== undefined) wire.wireguardConfig.ListenPort = 51820 + (damage.c % 2);
  },
  noForwarding: (_, host) => {
    host.views.mesh.sysctl = {};
  },
  forwardRule: (_, host, { b }) => {
    const rules = [
      "ip saddr 10.10.0.4/30 accept",
      "",
      'iifname "mesh" oifname "to-*" accept',
      'iifname "mesh" oifname "mesh" ip saddr 10.10.0.0/16 accept',
      "tcp dport 53 accept",
    ];
    host.views.network.firewall.filterForward = true;
    host.views.network.firewall.extraForwardRules = [pick(rules, b) ?? ""];
  },
  forwarding: (_, host) => {
    host.views.mesh.sysctl["net.ipv4.ip_forward"] = 1;
    host.views.network.firewall.filterForward = false;
  },
  strict: (_, host, { b }) => {
    if (b % 2 === 0) host.views.network.firewall.checkReversePath = true;
    else host.views.mesh.sysctl["net.ipv4.conf.mesh.rp_filter"] = 1;
  },
  noNeighbor: (_, host, { b }) => host.views.mesh.bird?.neighbors.splice(b % 4, 1),
  noBird: (_, host) => {
    host.views.mesh.bird = null;
  },
  noStatic: (_, host, { b }) => host.views.mesh.bird?.statics.splice(b % 2, 1),
  noStaticRoute: (_, host, { b, c }) => pick(host.views.mesh.bird?.statics ?? [], b)?.routes.splice(c % 3, 1),
  preference: (_, host, { b, c }) => {
    const one = pick(host.views.mesh.bird?.statics ?? [], b);
    if (one !== undefined) one.preference = 198 + (c % 4);
  },
  source: (_, host, { b }) => {
    const one = pick(host.views.mesh.bird?.statics ?? [], b);
    if (one !== undefined) one.source = "10.10.0.1";
  },
  via: (world, host, damage) => {
    const route = pick(host.views.mesh.bird?.statics ?? [], damage.b)?.routes[0];
    const other = otherOf(world, damage);
    if (route !== undefined && other !== undefined) route.via = other.ip;
  },
  key: (world, host, damage) => {
    const peer = peerOf(host, damage);
    const other = otherOf(world, { ...damage, c: damage.c >> 3 });
    if (peer !== undefined) peer.PublicKey = damage.a % 3 === 0 ? "nobody" : (other?.publicKey ?? "nobody");
  },
  addPeer: (world, host, damage) => {
    const other = otherOf(world, damage);
    const template = Object.values(world.hosts.get(host.name)?.views.mesh.netdevs ?? {})[0];
    if (other !== undefined)
      template?.wireguardPeers.push({ PublicKey: other.publicKey, AllowedIPs: [`${other.ip}/32`] });
  },
  route: (_, host, damage) => {
    const unit = networkOf(host, damage);
    const to = pick(["10.10.0.0/16", "10.10.0.0/30", "10.10.0.6/31", "10.10.0.3/32"], damage.c);
    if (unit !== undefined && to !== undefined) unit.routes = [...(unit.routes ?? []), { Destination: to }];
  },
  lan: (_, host, { b }) => {
    const length = 28 + (b % 3);
    host.views.network.networks["10-eth0"] = {
      matchConfig: { Name: "eth0" },
      address: [`10.10.0.${2 + (b % 5)}/${length}`],
    };
  },
  address: (_, host, damage) => {
    const own = networkOf(host, damage)?.addresses?.[0];
    if (own === undefined) return;
    if (damage.c % 3 === 0) own.Address = `${formatIpv4(parseIpv4(host.ip) + 1)}/32`;
    else own.Address = own.Address.replace(/\/\d+$/, damage.c % 3 === 1 ? "/32" : "/29");
  },
  noDaemons: (_, host, { b }) => {
    if (b % 2 === 0) host.views.nomad = null;
    else host.views.consul = null;
  },
};

/** Breaks a world in place. */
export function applyDamage(world: TestWorld, damage: Damage): void {
  const host = pick([...world.hosts.values()], damage.a);
  const name = pick(Object.keys(BREAKERS), damage.kind);
  if (host !== undefined && name !== undefined) BREAKERS[name]?.(world, host, damage);
}
