import { defineFleet } from "meshflake";

/** Three machines on one network, for the test of NixOS in ../default.nix. Nothing of it is secret. */
export default defineFleet({
  name: "trio",
  domain: "trio.example.org",
  admins: {
    tester: {
      sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPpGXEdhrpIoA9KjESyUjCOXlZNfDHH4QeEDAqByVCIZ throw-away"],
      age: "age1m57lfrdmpzezutmth9smkewwwsenleq4u4ld9fvyyxj37pxllp0qtc9j6u",
    },
  },
  sites: { lab: { ipv4: "public", ipv6: "none" } },
  mesh: { ipv4: "10.20.0.0/16", port: 55820 },
});
