import type { Cable, NamespaceName, SiteSpec, Steps, WorldSpec } from "../spec.js";
import {
  CUSTOMER,
  carrierNamespace,
  deviceTo,
  hasCarrier,
  hostNamespace,
  INTERNET,
  LAN,
  lineName,
  siteNamespace,
  WAN,
} from "./names.js";
import { bridgeSteps, carrierSteps, internetSteps, routersOf, siteSteps } from "./router/routers.js";

/** How a world is built. */

/** In this order: namespaces, the cables between routers, what is done in each namespace, and last the cables of hosts. */
export interface Construction {
  readonly namespaces: readonly NamespaceName[];
  /** A host's cable leads to a bridge that the steps make. */
  readonly cables: readonly Cable[];
  readonly steps: readonly Steps[];
}

/** Ethernet's own; a site whose line takes more takes it in its LAN, too. */
const ETHERNET_MTU = 1500;

/** Everything but the hosts themselves: these get the end of a cable, and set it up as their own settings say. */
export function buildWorld(world: WorldSpec): Construction {
  const { sites } = world;
  return {
    namespaces: [
      INTERNET,
      ...sites.flatMap(routersOf),
      ...sites.flatMap(({ attachments }) => attachments.map(({ host }) => hostNamespace(host))),
    ],
    cables: sites.flatMap((site) => [...linesOf(site), ...hostCables(site)]),
    steps: [
      internetSteps(world),
      ...sites.filter(hasCarrier).map(carrierSteps),
      ...sites.flatMap((site) => [bridgeSteps(site), siteSteps(site, sites)]),
    ],
  };
}

/** What is between a site's router and the internet. The line that delays is the one that every packet takes. */
function linesOf({ name, mtu, conditions, ...site }: SiteSpec): Cable[] {
  const upstream = { namespace: INTERNET, device: deviceTo(name) };
  const router = { namespace: siteNamespace(name), device: WAN };
  if (!hasCarrier(site)) return [{ name: lineName(name), ends: [upstream, router], mtu, conditions }];
  const carrier = carrierNamespace(name);
  return [
    { name: lineName(name), ends: [upstream, { namespace: carrier, device: WAN }], mtu, conditions },
    { name: `customer:${name}`, ends: [{ namespace: carrier, device: CUSTOMER }, router], mtu },
  ];
}

function hostCables({ name, mtu, attachments }: SiteSpec): Cable[] {
  return attachments.map(({ host, interface: device, mac }) => ({
    name: `host:${host}`,
    ends: [
      { namespace: siteNamespace(name), device: deviceTo(host), bridge: LAN },
      { namespace: hostNamespace(host), device, mac },
    ],
    mtu: Math.max(mtu, ETHERNET_MTU),
  }));
}
