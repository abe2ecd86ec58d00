import type { NixTree } from "meshflake";

/** dnsmasq for DHCP alone; names are Unbound's. */
export function dhcp(network: string) {
  return {
    enable: true,
    resolveLocalQueries: false,
    settings: {
      port: 0,
      "dhcp-authoritative": true,
      "dhcp-range": [`${network}.100,${network}.199,12h`],
      "dhcp-option": [`option:router,${network}.1`, `option:dns-server,${network}.2`],
      domain: "house.example.org",
    },
  } satisfies NixTree;
}
