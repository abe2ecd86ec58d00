import { lan, reserved } from "./_lan";
import fleet from "./fleet";

/** NFS for the hosts and Samba for people, from folders of the Proxmox host. */
export default fleet.proxmoxLxc({
  site: "home",
  node: "pve",
  vmId: 203,
  memory: 4096,
  address: reserved("files"),
  // The kernel's NFS server wants to be root outside as well.
  unprivileged: false,
  features: { nesting: true, mount: ["nfs"] },
  mounts: [
    { source: "/tank/media", target: "/srv/media" },
    { source: "/tank/backups", target: "/srv/backups" },
  ],
  firewall: { lan: { tcp: [445, 2049] }, mesh: { tcp: [445, 2049] } },
  nixos: {
    services: {
      nfs: {
        server: {
          enable: true,
          exports: [
            `/srv ${lan.network}(ro,fsid=0,no_subtree_check)`,
            `/srv/media ${lan.network}(rw,no_subtree_check,no_root_squash)`,
            "",
          ].join("\n"),
        },
        settings: { nfsd: { vers3: false } },
      },
      samba: {
        enable: true,
        nmbd: { enable: false },
        winbindd: { enable: false },
        settings: {
          global: { "server string": "files", "hosts allow": lan.network, "map to guest": "Never" },
          media: { path: "/srv/media", "read only": "no", "valid users": "nico" },
          backups: { path: "/srv/backups", "read only": "yes", "valid users": "nico" },
        },
      },
    },
  },
});
