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
