import { nix } from "meshflake";
import { reserved } from "./_lan";
import fleet from "./fleet";

/** Databases live in a container, next to their disks. */
export default fleet.proxmoxLxc({
  site: "home",
  node: "pve",
  vmId: 204,
  cores: 4,
  memory: 4096,
  address: reserved("postgres"),
  mounts: [{ source: "/tank/postgres", target: "/var/lib/postgresql" }],
  consul: {
    services: [
      {
        name: "postgres",
        port: 5432,
        checks: [
          {
            name: "postgres is ready",
            args: ["/run/current-system/sw/bin/pg_isready", "-h", "localhost", "-p", "5432"],
            interval: "30s",
            timeout: "1s",
          },
        ],
      },
    ],
  },
  nixos: {
    services: {
      postgresql: {
        enable: true,
        package: nix`pkgs.postgresql_17`,
        enableTCPIP: true,
        // Jobs come over the mesh, each with its own account.
        authentication: "host all all 10.31.0.0/16 scram-sha-256\n",
      },
    },
  },
});
