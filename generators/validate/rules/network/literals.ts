import type { FleetInputs } from "../../../model/inputs.js";
import { Cidr, familyOf, parseIpv4 } from "../../../model/net.js";
import type { Family } from "../../../model/vocabulary.js";
import type { RuleContext } from "../../rule.js";

/** Literal addresses: each text is parsed once for all rules, and what is asked of 10,000 hosts is arithmetic. */

interface Parsed {
  readonly cidrs: Map<string, Cidr | null>;
  readonly families: Map<string, Family | null>;
}

const PARSED = new WeakMap<FleetInputs, Parsed>();

function parsedOf({ inputs }: RuleContext): Parsed {
  const known = PARSED.get(inputs);
  if (known !== undefined) return known;
  const parsed = { cidrs: new Map(), families: new Map() };
  PARSED.set(inputs, parsed);
  return parsed;
}

function remember<Value>(values: Map<string, Value>, text: string, parse: (text: string) => Value): Value {
  const known = values.get(text);
  if (known !== undefined) return known;
  const value = parse(text);
  values.set(text, value);
  return value;
}

/** Like `Cidr.parse`. */
export function parseCidr(context: RuleContext, text: string): Cidr | null {
  return remember(parsedOf(context).cidrs, text, Cidr.parse);
}

/** Like `familyOf`: the family of a literal address, or null where the text is none. */
export function parseFamily(context: RuleContext, text: string): Family | null {
  return remember(parsedOf(context).families, text, familyOf);
}

/** The network behind a text, where it is one of the family. */
export function parseOf(context: RuleContext, family: Family, text: string | undefined): Cidr | null {
  const cidr = text === undefined ? null : parseCidr(context, text);
  return cidr?.family === family ? cidr : null;
}

/** Whether a literal address of the network's family lies in it; like `Cidr.contains`, and quick for IPv4. */
export function isWithin(cidr: Cidr, address: string): boolean {
  if (cidr.family === "ipv6") return cidr.contains(address);
  const block = 2 ** (32 - cidr.prefix);
  return Math.floor(parseIpv4(cidr.address) / block) === Math.floor(parseIpv4(address) / block);
}

/** Whether the address is its network's first or last one; null where it is neither. */
export function edgeOf(cidr: Cidr): "first" | "last" | null {
  if (cidr.family === "ipv4") {
    const block = 2 ** (32 - cidr.prefix);
    const place = parseIpv4(cidr.address) % block;
    return place === 0 ? "first" : place === block - 1 ? "last" : null;
  }
  // The shortest text of a network's first address ends in zeros, whatever the length up to 112.
  const { address, prefix } = cidr;
  if (prefix <= 112 && !address.endsWith(":0") && !address.endsWith("::")) return null;
  return address === cidr.at(0n) ? "first" : null;
}

/** `fe80::/10` or `169.254.0.0/16`. The first group of the former always has four digits. */
export function isLinkLocal(address: string): boolean {
  return address.startsWith("169.254.") || /^fe[89ab][0-9a-f]:/i.test(address);
}

/** RFC 1918, and the carriers' shared space (RFC 6598). */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].map(Cidr.of);

/** Whether an address, in its shortest text form, means something only inside its own network; for IPv6, RFC 4193. */
export function isPrivate(address: string): boolean {
  if (address.includes(":")) return /^f[cd][0-9a-f]{2}:/.test(address);
  return PRIVATE.some((range) => isWithin(range, address));
}
