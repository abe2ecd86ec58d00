import type { WorldSpec } from "./world-types.js";

/** Fleets that tests start from. */

/** Two hosts at public sites. */
export const DIRECT: WorldSpec = {
  sites: { here: { ipv4: "public", ipv6: "public" }, there: { ipv4: "public", ipv6: "none" } },
  hosts: [
    { name: "ari", site: "here", server: true },
    { name: "ben", site: "there" },
  ],
};

/** One host behind a router, one in the open. */
export const NAT: WorldSpec = {
  sites: { home: { ipv4: "nat", ipv6: "none" }, cloud: { ipv4: "public", ipv6: "none" } },
  hosts: [
    { name: "ari", site: "home" },
    { name: "ben", site: "cloud", server: true },
  ],
};

/** Hosts behind two providers' translations, with two relays. */
export const CGNAT: WorldSpec = {
  sites: {
    cloud: { ipv4: "public", ipv6: "public" },
    london: { ipv4: "cgnat", ipv6: "none" },
    madrid: { ipv4: "cgnat", ipv6: "none" },
  },
  hosts: [
    { name: "ari", site: "london" },
    { name: "bianco", site: "madrid" },
    { name: "cosmo", site: "cloud", server: true },
    { name: "maco", site: "cloud", server: true },
    { name: "miki", site: "cloud", server: true },
  ],
  relays: ["cosmo", "miki"],
};

export const SINGLE_RELAY: WorldSpec = { ...CGNAT, relays: ["cosmo"] };

/** Two houses with a LAN each, one of which forwards a port, and a third with only IPv6. */
export const LANS: WorldSpec = {
  sites: {
    home: { ipv4: "portForwarded", ipv6: "none", lan: "192.168.1.0/24" },
    office: { ipv4: "nat", ipv6: "none", lan: "192.168.2.0/24" },
    cloud: { ipv4: "public", ipv6: "none" },
  },
  hosts: [
    { name: "ari", site: "home", endpoint: { host: "home.example.org", port: 4000 }, server: true },
    { name: "ben", site: "home" },
    { name: "cleo", site: "office" },
    { name: "dina", site: "office" },
    { name: "eva", site: "cloud" },
  ],
  relays: ["eva"],
};

/** Hub and spoke over a number of relays. */
export function hubOf(hosts: number, relays = 2, topology: "hub" | "full" = "hub"): WorldSpec {
  const names = Array.from({ length: hosts }, (_, i) => `h${String(i).padStart(5, "0")}`);
  return {
    sites: {
      cloud: { ipv4: "public", ipv6: "public" },
      home: { ipv4: "nat", ipv6: "none" },
      office: { ipv4: "cgnat", ipv6: "public" },
    },
    hosts: names.map((name, i) => ({
      name,
      site: i < relays || topology === "full" ? "cloud" : i % 2 === 0 ? "home" : "office",
      server: i < 3,
    })),
    relays: names.slice(0, relays),
    topology,
  };
}
