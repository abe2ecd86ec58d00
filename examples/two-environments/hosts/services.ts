import fleet from "./fleet";

/** Everything that people use: one large machine (128 GB ECC, 35 W). */
export default fleet.bareMetal({
  site: "home",
  address: { ipv4: "192.168.20.10/24", gateway4: "192.168.20.1", interface: "enp4s0" },
  disks: { layout: "zfs", device: "/dev/nvme0n1" },
  nomad: {
    server: true,
    drivers: ["docker"],
    hostVolumes: {
      // Small, and on this machine; what must last is on the file server.
      ephemeral: { path: "/var/lib/ephemeral" },
      documents: { path: "/srv/documents" },
      photos: { path: "/srv/photos" },
    },
    reserved: { memory: 8192 },
  },
  consul: { server: true },
  firewall: { tcp: [80, 443] },
  imports: ["./nix/storage-client.nix"],
});
