import { defineFleet } from "meshflake";

export default defineFleet({
  name: "cats",
  domain: "cats.example.org",
  timeZone: "Europe/Madrid",
  admins: {
    nico: {
      sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFZcmSBBkjGyuPYDvWRkl8t5EMJoTZf3XDfVW4rUrRmZ nico@example.org"],
      age: "age1xufvgr67xm8gcgqdqs7f7dqlzd45mrxrngkpmgjndrejl5gel99qsrrz4s",
    },
  },
  sites: {
    dusseldorf: { ipv4: "public", ipv6: "public" },
    nuremberg: { ipv4: "public", ipv6: "public" },
    london: { ipv4: "cgnat", ipv6: "public" },
    madrid: { ipv4: "cgnat", ipv6: "none" },
  },
  mesh: { ipv4: "10.10.0.0/16", port: 55820, relays: ["cosmo", "miki"] },
  accept: { "voters-together": "two of the three machines that are always on are at one provider" },
});
