import { defineFleet } from "meshflake";

export default defineFleet({
  name: "house",
  domain: "house.example.org",
  timeZone: "Europe/Berlin",
  admins: {
    tilda: {
      sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOPNsPAIFeOjRSJ4O3CFFtJqOCD6AKHD2p7bYBWPtz7E tilda@example.org"],
      age: "age187t960qsts5gv4p6x3td5zyplzf0d8lw592kx4al20844k0wkp3qa407md",
    },
  },
  sites: {
    home: { ipv4: "nat", ipv6: "firewalled", lan: "192.168.20.0/24" },
  },
  mesh: { ipv4: "10.40.0.0/16" },
});
