import { type ConsulServiceInput, type NixTree, nix } from "meshflake";

/** PostgreSQL for the other clusters, which reach it over the LAN. */
export const database = {
  services: {
    postgresql: {
      enable: true,
      package: nix`pkgs.postgresql_17`,
      enableTCPIP: true,
      authentication: "host all all 192.168.10.0/24 scram-sha-256\n",
    },
    postgresqlBackup: { enable: true, backupAll: true, compression: "zstd", location: "/srv/backups" },
  },
} satisfies NixTree;

/** Its registration in Consul. */
export const service = {
  name: "postgres",
  port: 5432,
  checks: [{ name: "postgres answers", tcp: "127.0.0.1:5432", interval: "15s", timeout: "2s" }],
} satisfies ConsulServiceInput;
