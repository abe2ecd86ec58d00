import { parseEndpoint } from "../../model/endpoint.js";
import { familyOf } from "../../model/net.js";
import type { Family } from "../../model/vocabulary.js";
import type { ProofHost, ProofWorld } from "../world.js";

/** Where an endpoint leads, as the outside world sees it. */

/** A host that an endpoint may lead to. */
export interface Arrival {
  readonly host: string;
  /** `public`: its own address; `mapped`: the outside maps it to the mesh port; `lan`: only hosts of its site get there. */
  readonly way: "public" | "mapped" | "lan";
  /** The families that the packet may take. */
  readonly families: readonly Family[];
  /** The UDP port at which it arrives. */
  readonly port: number;
}

export interface EndpointTarget {
  readonly text: string;
  readonly literal: boolean;
  /** A name that only the mesh itself can look up. */
  readonly meshOnly: boolean;
  readonly arrivals: readonly Arrival[];
}

export type EndpointReader = (text: string) => EndpointTarget;

type Known = Map<string, Omit<Arrival, "port">[]>;

function add<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

/** IPv6 addresses are written in many ways; the world's are compared in lower case as the model prints them. */
function keyOf(host: string): string {
  return host.toLowerCase();
}

function addAddresses(hosts: Known, { name, site, address }: ProofHost, domain: string): void {
  const addOwn = (family: Family, text: string | undefined) => {
    if (text !== undefined) add(hosts, keyOf(text), { host: name, way: "public", families: [family] });
  };
  addOwn("ipv4", address.public4);
  addOwn("ipv6", address.public6);
  const families: Family[] = [];
  if (site.ipv6 === "public" && address.public6 !== undefined) families.push("ipv6");
  if (site.ipv4 === "public" && address.public4 !== undefined) families.push("ipv4");
  if (families.length > 0) add(hosts, `${name}.${domain}`, { host: name, way: "public", families });
  const local = new Set([address.lan, address.ipv4?.address, address.ipv6?.address]);
  for (const text of local) {
    if (text === undefined || text === address.public4 || text === address.public6) continue;
    add(hosts, keyOf(text), { host: name, way: "lan", families: [familyOf(text) ?? "ipv4"] });
  }
}

/** Knows every address, name and port forwarding of the world; the same text is read once. */
export function makeEndpointReader(world: ProofWorld): EndpointReader {
  const hosts: Known = new Map();
  const mapped = new Map<string, Arrival[]>();
  for (const host of world.hosts.values()) {
    addAddresses(hosts, host, world.domain);
    const { endpoint, site } = host;
    if (endpoint === undefined) continue;
    const family = familyOf(endpoint.host);
    const open = (["ipv6", "ipv4"] as const).filter((one) => site[one] === "public" || site[one] === "portForwarded");
    add(mapped, `${keyOf(endpoint.host)} ${endpoint.port}`, {
      host: host.name,
      way: "mapped",
      families: family === null ? open : [family],
      port: world.clusters.get(host.cluster)?.port ?? 0,
    });
  }
  const known = new Map<string, EndpointTarget>();
  return (text) => {
    const target = known.get(text) ?? readEndpoint(text, world.domain, hosts, mapped);
    known.set(text, target);
    return target;
  };
}

function readEndpoint(
  text: string,
  domain: string,
  hosts: Known,
  mapped: ReadonlyMap<string, readonly Arrival[]>,
): EndpointTarget {
  const endpoint = parseEndpoint(text);
  if (endpoint === null) return { text, literal: true, meshOnly: false, arrivals: [] };
  const { host, port } = endpoint;
  const literal = familyOf(host) !== null;
  const meshOnly = !literal && (host.endsWith(".consul") || host.endsWith(`.mesh.${domain}`));
  const direct = (hosts.get(keyOf(host)) ?? []).map((arrival) => ({ ...arrival, port }));
  const arrivals = [...(mapped.get(`${keyOf(host)} ${port}`) ?? []), ...direct];
  return { text, literal, meshOnly, arrivals: meshOnly ? [] : arrivals };
}
