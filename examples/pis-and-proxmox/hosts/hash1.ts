import { nix } from "meshflake";
import { lan, reserved } from "./_lan";
import fleet from "./fleet";

/** Nomad and Consul server, and the door to Proxmox's own web interface. */
export default fleet.proxmoxLxc({
  site: "home",
  node: "pve",
  vmId: 201,
  address: reserved("hash1"),
  nomad: { server: true },
  consul: {
    server: true,
    services: [
      {
        name: "proxmox",
        port: 8006,
        tags: [
          "traefik.enable=true",
          "traefik.http.routers.proxmox.rule=Host(`proxmox.service.consul`)",
          "traefik.http.services.proxmox.loadbalancer.server.scheme=https",
        ],
        checks: [
          {
            name: "http ui",
            http: "https://localhost:8006",
            tlsSkipVerify: true,
            method: "GET",
            interval: "30s",
            timeout: "5s",
          },
        ],
      },
    ],
  },
  // A service in Consul is at the address of the host that registers it, and Proxmox VE is not NixOS: pass it on.
  nixos: {
    systemd: {
      sockets: { proxmox: { wantedBy: ["sockets.target"], listenStreams: ["8006"] } },
      services: {
        proxmox: {
          description: "Proxmox VE's web interface",
          serviceConfig: {
            ExecStart: nix`pkgs.systemd + "/lib/systemd/systemd-socket-proxyd ${lan.proxmox}:8006"`,
            DynamicUser: true,
          },
        },
      },
    },
  },
});
