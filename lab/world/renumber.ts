import type { SiteSpec, Steps, WorldSpec } from "../spec.js";
import { alone } from "./address/pool.js";
import { DOWNSTREAM_HOP, deviceTo, holderOf, INTERNET, WAN } from "./names.js";
import { leadTo, own } from "./router/routers.js";
import { carrierRules, siteRules } from "./router/uplink.js";

/** How lines are whose provider changes their address. */

/** Why a site's address never changes, and what to do about it. */
export interface Fixity {
  readonly reason: string;
  readonly hint: string;
}

/** Null where a site has another address to move to. */
export function whyFixed({
  name,
  dynamic,
  ipv4,
  spare4,
}: Pick<SiteSpec, "name" | "dynamic" | "ipv4" | "spare4">): Fixity | null {
  if (dynamic && spare4.length > 0) return null;
  if (!dynamic) {
    const hint = "only a site with `dynamic: true` in the fleet's file gets new addresses";
    return { reason: `the address of ${name} never changes`, hint };
  }
  const reason = `no router of ${name} has an IPv4 address that could change: its ipv4 is "${ipv4}"`;
  return { reason, hint: 'choose a dynamic site with `ipv4` "nat", "portForwarded" or "cgnat"' };
}

/**
 * A dynamic site's next address, or one of the next: they come one after the other, and then again from the first. Names that follow the site change with it, leases do not, and connections that were made with
 * the old address are gone.
 * @param address one of the site's spare ones
 * @throws RangeError where the site has no such other address: its address is fixed, or its hosts have addresses of their own
 */
export function renumber(
  world: WorldSpec,
  name: string,
  address?: string,
): { readonly world: WorldSpec; readonly steps: Steps[] } {
  const site = world.sites.find((one) => one.name === name);
  const spare = site?.spare4 ?? [];
  const steps = address === undefined ? 0 : spare.indexOf(address);
  const wan4 = spare[steps];
  if (site === undefined || site.wan4 === null || wan4 === undefined) {
    throw new RangeError(`the address of the site ${name} does not change: it is fixed, or its hosts have their own`);
  }
  const moved: SiteSpec = { ...site, wan4, spare4: [...spare.slice(steps + 1), site.wan4, ...spare.slice(0, steps)] };
  return {
    world: {
      ...world,
      sites: world.sites.map((one) => (one === site ? moved : one)),
      names: world.names.map((one) =>
        one.site === name && one.address === site.wan4 ? { ...one, address: wan4 } : one,
      ),
    },
    steps: moveSteps(moved, site.wan4, wan4),
  };
}

function moveSteps(site: SiteSpec, from: string, to: string): Steps[] {
  const device = deviceTo(site.name);
  const nft = site.ipv4 === "cgnat" ? carrierRules(site) : siteRules(site);
  return [
    { namespace: holderOf(site, "ipv4"), ip: [own(to, WAN), `address delete ${alone(from)} dev ${WAN}`], nft },
    { namespace: INTERNET, ip: [`route delete ${alone(from)} dev ${device}`, leadTo(to, DOWNSTREAM_HOP, device)] },
  ];
}
