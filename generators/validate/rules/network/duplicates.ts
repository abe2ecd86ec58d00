import type { AddressInput } from "../../../model/input.js";
import { isPrivate } from "../../../model/net.js";
import type { ValuePath } from "../../../model/problem.js";
import { FAMILIES } from "../../../model/vocabulary.js";
import type { Finding, Rule, RuleContext } from "../../rule.js";
import { eachHost } from "../support.js";
import { parseCidr, parseFamily, parseOf } from "./literals.js";

/** Addresses of the uplinks, each of which has one owner. */

export interface Claim {
  readonly path: ValuePath;
  /** The address, with the site in front where it means nothing elsewhere. */
  readonly key: string;
  readonly text: string;
}

/**
 * What of a host's addresses nobody else may have.
 * @param site tells networks apart in which private addresses mean something
 */
export function* claimsOf(context: RuleContext, site: string, address: AddressInput): Iterable<Claim> {
  const scoped = (text: string) => (isPrivate(text) ? `${site} ${text}` : text);
  for (const family of FAMILIES) {
    const cidr = parseOf(context, family, address[family]);
    if (cidr !== null) yield { path: ["address", family], key: scoped(cidr.address), text: cidr.address };
  }
  const { lan, mac } = address;
  if (lan !== undefined) {
    const family = parseFamily(context, lan);
    const literal = family === null ? null : parseCidr(context, `${lan}/${family === "ipv4" ? 32 : 128}`);
    const key = literal === null ? `${site} ${lan.toLowerCase()}` : scoped(literal.address);
    yield { path: ["address", "lan"], key, text: lan };
  }
  if (mac !== undefined) yield { path: ["address", "mac"], key: mac.toLowerCase(), text: mac };
}

function* checkAddressesTwice(context: RuleContext): Iterable<Finding> {
  const owners = new Map<string, string>();
  for (const [name, { site, address }] of eachHost(context)) {
    if (address === undefined) continue;
    for (const { path, key, text } of claimsOf(context, site, address)) {
      const owner = owners.get(key);
      // A host may say its address twice: as its static one, and as the one that the LAN knows.
      if (owner === undefined) owners.set(key, name);
      else if (owner !== name) {
        const at = context.inputs.originsOf(name, path);
        yield { at, message: `${text} is ${owner}'s already`, hint: `give ${name} or ${owner} another one` };
      }
    }
  }
}

export const addressTwice: Rule = {
  code: "address-twice",
  severity: "error",
  title: "No two hosts have one address",
  why: "Two machines with one IP or MAC address take each other's traffic, at random. Private addresses may be used again at another site; public ones and MAC addresses exist once in the world.",
  needs: "fleet",
  check: checkAddressesTwice,
};

function* checkEndpointsTwice(context: RuleContext): Iterable<Finding> {
  const owners = new Map<string, string>();
  for (const [name, { mesh }] of eachHost(context)) {
    const endpoint = mesh?.endpoint?.toLowerCase();
    if (endpoint === undefined) continue;
    const owner = owners.get(endpoint);
    if (owner === undefined) {
      owners.set(endpoint, name);
      continue;
    }
    const message = `${endpoint} leads to ${owner} already`;
    const hint = "forward another outside port to this host, and name that one";
    yield { at: context.inputs.originsOf(name, ["mesh", "endpoint"]), message, hint };
  }
}

export const endpointTwice: Rule = {
  code: "endpoint-twice",
  severity: "error",
  title: "No two hosts have one endpoint",
  why: "A router forwards an outside port to one machine. The other host's packets arrive there as well, and WireGuard drops them, since they are encrypted for another key.",
  needs: "fleet",
  check: checkEndpointsTwice,
};
