import { nix } from "meshflake";
import { lan, reservations } from "./_lan";
import fleet from "./fleet";

/** The LAN's resolver and DHCP server. 1 GB, and everybody at home notices when it is away: it runs nothing else. */
export default fleet.raspberryPi({
  site: "home",
  model: 3,
  tags: ["resolver"],
  address: { ipv4: "192.168.178.2/24", gateway4: lan.router },
  nomad: false,
  dns: { resolver: true, blocklists: ["https://urlhaus.abuse.ch/downloads/rpz/"] },
  firewall: { udp: [67] },
  nixos: {
    services: {
      dnsmasq: {
        enable: true,
        // Names are Unbound's; this is about DHCP alone.
        resolveLocalQueries: false,
        settings: {
          port: 0,
          "dhcp-authoritative": true,
          "dhcp-range": ["192.168.178.100,192.168.178.199,12h"],
          "dhcp-option": [`option:router,${lan.router}`, "option:dns-server,192.168.178.2"],
          domain: "lan",
          "dhcp-host": reservations,
        },
      },
    },
    // Where DHCP is down, so are new leases: start again, whatever happened.
    systemd: { services: { dnsmasq: { serviceConfig: { Restart: nix`lib.mkForce "always"` } } } },
  },
});
