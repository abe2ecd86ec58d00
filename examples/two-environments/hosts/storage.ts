import fleet from "./fleet";

/** ZFS and NFS. It votes, and runs no jobs. */
export default fleet.bareMetal({
  site: "home",
  address: { ipv4: "192.168.20.11/24", gateway4: "192.168.20.1", interface: "enp3s0" },
  disks: { layout: "zfs", device: "/dev/nvme0n1" },
  nomad: { server: true, client: false },
  consul: { server: true },
  imports: ["./nix/storage-server.nix"],
  nixos: { services: { smartd: { enable: true } } },
});
