import { defineFleet } from "meshflake";

export default defineFleet({
  name: "minis",
  domain: "minis.example.org",
  timeZone: "Europe/Brussels",
  admins: {
    runa: {
      sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM0/xtO089BPGi4HdEG2xwCkJI+5eJcWf8G6q40s4ZoE runa@example.org"],
      age: "age1jttjqwhwm7rclkvynch2lgar86hfhf02cuhtsxw3w655gtztu52q6znt8m",
    },
  },
  sites: {
    home: { ipv4: "nat", ipv6: "none", lan: "192.168.10.0/24" },
  },
  mesh: { ipv4: "10.20.0.0/16" },
  // Three clusters that know nothing of each other: a range, a port, a Consul datacenter and a Nomad region each.
  clusters: {
    prod: {
      // Applications reach the databases over the LAN, by this name.
      dns: { records: { "postgres.minis.example.org": "192.168.10.41" } },
    },
    dev: {
      mesh: { ipv4: "10.21.0.0/16", port: 51821 },
      dns: { records: { "postgres.minis.example.org": "192.168.10.42" } },
    },
    data: { mesh: { ipv4: "10.22.0.0/16", port: 51822 } },
  },
  accept: { "voters-one": "dev is set up again rather than mended" },
});
