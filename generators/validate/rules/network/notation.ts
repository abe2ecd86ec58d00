import { parseEndpoint } from "../../../model/endpoint.js";
import { familyOf } from "../../../model/net.js";
import type { Family } from "../../../model/vocabulary.js";
import type { Finding, Rule, RuleContext } from "../../rule.js";
import { isDnsName } from "../fleet/names.js";
import { eachHost, hostNetworksOf, quote } from "../support.js";
import { parseCidr, parseFamily } from "./literals.js";
import { eachSlot, type Slot } from "./slots.js";

/** How addresses, networks, endpoints and interfaces are written. */

export const FAMILY_NAME: Readonly<Record<Family, string>> = { ipv4: "IPv4", ipv6: "IPv6" };

/** Whether `text` is a name that a resolver may be asked for, rather than a broken address. */
export function isHostText(text: string): boolean {
  return isDnsName(text.toLowerCase()) && !/^[0-9.]+$/.test(text);
}

function notationFault(context: RuleContext, { text, form, family }: Slot): Omit<Finding, "at"> | null {
  const example = family === "ipv6" ? "2001:db8:a::10" : "192.168.1.10";
  if (form === "cidr") {
    if (parseCidr(context, text) !== null) return null;
    const missing = parseFamily(context, text) !== null;
    const message = missing ? `${quote(text)} lacks its prefix length` : `${quote(text)} is not CIDR notation`;
    const length = parseFamily(context, text) === "ipv6" ? 64 : 24;
    const network = family === "ipv6" ? 64 : 24;
    return {
      message,
      hint: missing
        ? `write ${text}/${length}, or whatever the network's length is`
        : `write it as ${example}/${network}`,
    };
  }
  if (parseFamily(context, text) !== null || (form === "name" && isHostText(text))) return null;
  const cidr = parseCidr(context, text);
  if (cidr !== null) return { message: `${quote(text)} has a prefix length`, hint: `write ${cidr.address} alone` };
  const what = form === "name" ? "neither an address nor a name" : "not an IP address";
  return { message: `${quote(text)} is ${what}`, hint: `write an address such as ${example}` };
}

function* checkNotation(context: RuleContext): Iterable<Finding> {
  for (const slot of eachSlot(context)) {
    const fault = notationFault(context, slot);
    if (fault !== null) yield { at: slot.at(), ...fault };
  }
}

export const addressNotation: Rule = {
  code: "address-notation",
  severity: "error",
  title: "Networks are CIDR notation, and addresses are plain addresses",
  why: "A host's own address carries its network (`203.0.113.10/24`), since both are needed to configure it. A gateway, a resolver or a pinned mesh address is a single address, without a prefix length.",
  needs: "fleet",
  check: checkNotation,
};

function* checkFamilies(context: RuleContext): Iterable<Finding> {
  for (const { text, family, at } of eachSlot(context)) {
    if (family === undefined) continue;
    const found = parseCidr(context, text)?.family ?? parseFamily(context, text);
    if (found === null || found === family) continue;
    const message = `${quote(text)} is ${FAMILY_NAME[found]} where ${FAMILY_NAME[family]} belongs`;
    yield { at: at(), message, hint: `write an ${FAMILY_NAME[family]} address, or move this one to its own field` };
  }
}

export const addressFamily: Rule = {
  code: "address-family",
  severity: "error",
  title: "No IPv6 address stands where IPv4 belongs, nor the reverse",
  why: "Each family has fields of its own, and the plan trusts them: which hosts can reach each other is decided family by family. The mesh itself is IPv4.",
  needs: "fleet",
  check: checkFamilies,
};

const MAC = /^[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}$/;

function* checkMacs(context: RuleContext): Iterable<Finding> {
  for (const [name, { address }] of eachHost(context)) {
    const mac = address?.mac;
    if (mac === undefined) continue;
    const at = () => context.inputs.originsOf(name, ["address", "mac"]);
    if (!MAC.test(mac)) {
      yield {
        at: at(),
        message: `${quote(mac)} is not a MAC address`,
        hint: "write six bytes, as in 02:00:00:12:34:56",
      };
    } else if (Number.parseInt(mac.slice(0, 2), 16) & 1) {
      const message = `${quote(mac)} is a group address, and no interface has one`;
      yield { at: at(), message, hint: "copy the address that ip link shows; its second digit is even" };
    }
  }
}

export const macNotation: Rule = {
  code: "mac-notation",
  severity: "error",
  title: "A MAC address is six bytes of a single interface",
  why: "systemd-networkd matches the interface by this address. One that matches nothing leaves the machine without a network after the switch. The lowest bit of the first byte marks multicast, which is never an interface's own.",
  needs: "fleet",
  check: checkMacs,
};

/** Linux's `IFNAMSIZ` is 16, with the closing zero. */
const INTERFACE_LENGTH = 15;
const TAKEN = new Set(["lo", "mesh", "docker0", "nomad"]);

/** What is wrong with the name of an interface, or null. */
function interfaceFault(name: string): string | null {
  if (name.length > INTERFACE_LENGTH) {
    return `${quote(name)} has ${name.length} characters, and an interface's name at most ${INTERFACE_LENGTH}`;
  }
  return /^[^\s/:%]+$/.test(name) && name !== "." && name !== ".." ? null : `${quote(name)} is no name of an interface`;
}

function* checkInterfaces(context: RuleContext): Iterable<Finding> {
  const { inputs } = context;
  const hint = "use the name that ip link shows, such as eth0 or enp1s0";
  for (const [name, { address, nomad }] of eachHost(context)) {
    const own = address?.interface;
    if (own !== undefined) {
      const taken = TAKEN.has(own) || own.startsWith("to-") ? `the interface ${own} is made by the host itself` : null;
      const message = interfaceFault(own) ?? taken;
      if (message !== null) yield { at: inputs.originsOf(name, ["address", "interface"]), message, hint };
    }
    for (const [key, network] of hostNetworksOf(nomad)) {
      const message = network.interface === undefined ? null : interfaceFault(network.interface);
      const path = ["nomad", "hostNetworks", key, "interface"];
      if (message !== null) yield { at: inputs.originsOf(name, path), message, hint };
    }
  }
}

export const interfaceName: Rule = {
  code: "interface-name",
  severity: "error",
  title: "An interface's name is one that Linux allows, and not one of meshflake's own",
  why: "Linux keeps 16 bytes for the name, one of them a closing zero. The uplink cannot be `mesh`, `to-<relay>`, `docker0`, `nomad` or `lo`, since the host makes those interfaces itself.",
  needs: "fleet",
  check: checkInterfaces,
};

function* checkEndpoints(context: RuleContext): Iterable<Finding> {
  for (const [name, { mesh }] of eachHost(context)) {
    const text = mesh?.endpoint;
    if (text === undefined) continue;
    const endpoint = parseEndpoint(text);
    if (endpoint !== null && (familyOf(endpoint.host) !== null || isHostText(endpoint.host))) continue;
    const bare = familyOf(text) === "ipv6" ? `[${text}]` : text;
    const lacksPort = familyOf(text) !== null || isHostText(text);
    const message = lacksPort ? `${quote(text)} lacks its port` : `${quote(text)} is not host:port`;
    const hint = lacksPort
      ? `write ${bare}:51820, with the port that the world sees`
      : "write home.example.org:51820, 203.0.113.10:51820 or [2001:db8:a::10]:51820";
    yield { at: context.inputs.originsOf(name, ["mesh", "endpoint"]), message, hint };
  }
}

export const endpointNotation: Rule = {
  code: "endpoint-notation",
  severity: "error",
  title: "An endpoint is a host and a port",
  why: "WireGuard sends its first packet there. An IPv6 address stands in brackets, since its colons could not be told from the port's.",
  needs: "fleet",
  check: checkEndpoints,
};

function upstreamFault(text: string): string | null {
  const [, address = "", port = "", server = ""] = /^([^@#]+)@(\d{1,5})#(.+)$/.exec(text) ?? [];
  if (address === "") return `${quote(text)} is not ADDRESS@PORT#NAME`;
  if (familyOf(address) === null) return `${quote(address)} is not an IP address`;
  if (Number(port) < 1 || Number(port) > 65535) return `${port} is no port`;
  return isHostText(server) ? null : `${quote(server)} is not the name of a server`;
}

function* checkUpstreams({ inputs }: RuleContext): Iterable<Finding> {
  const { dns, clusters = {} } = inputs.fleet.value;
  const lists = [{ path: ["dns", "upstream"], upstream: dns?.upstream }];
  for (const [name, cluster] of Object.entries(clusters)) {
    lists.push({ path: ["clusters", name, "dns", "upstream"], upstream: cluster.dns?.upstream });
  }
  for (const { path, upstream } of lists) {
    for (const [index, text] of upstream?.entries() ?? []) {
      const message = upstreamFault(text);
      const hint = "write the address, 853, and the name that the certificate must say: 9.9.9.9@853#dns.quad9.net";
      if (message !== null) yield { at: inputs.fleetOriginsOf([...path, index]), message, hint };
    }
  }
}

export const upstreamNotation: Rule = {
  code: "upstream-notation",
  severity: "error",
  title: "An upstream resolver has an address, a port and the name in its certificate",
  why: "Unbound asks over TLS. Without the name it would accept any certificate, and a name instead of the address could not be resolved, since this resolver is what resolves names.",
  needs: "fleet",
  check: checkUpstreams,
};
