import { defineFleet } from "meshflake";
import { lan, namesOnLan } from "./_lan";

export default defineFleet({
  name: "hashlab",
  domain: "hashlab.example.org",
  timeZone: "Europe/Dublin",
  admins: {
    nico: {
      sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbKFMBy4lgr/cZazumA6ZPNdiNTVUmPcvE0poA8isjj nico@example.org"],
      age: "age17y2hyq5zkvryut5se0j3y0x8xz0ge2e5u0twnk7xwvwl0acg8s9scr6rfs",
    },
  },
  sites: {
    // A domestic line: one IPv4 address behind the router, and an IPv6 prefix that the router lets nobody into.
    home: { ipv4: "nat", ipv6: "firewalled", lan: lan.network, dynamic: true, mtu: 1492 },
    falkenstein: { ipv4: "public", ipv6: "public" },
  },
  // All at home meet on the LAN, and the cloud server is public: nobody needs a relay.
  mesh: { ipv4: "10.31.0.0/16" },
  dns: { records: namesOnLan },
  accept: { "voters-together": "hash1 and hash2 are on the only Proxmox host; jobs go on while it restarts" },
});
