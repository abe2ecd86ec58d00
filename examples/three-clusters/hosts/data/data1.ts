import fleet from "../fleet";
import { database, service } from "./_database";

/** An old laptop: its battery is the cluster's uninterruptible power supply. */
export default fleet.bareMetal({
  site: "home",
  cluster: "data",
  tags: ["laptop"],
  address: { ipv4: "192.168.10.41/24", gateway4: "192.168.10.1", interface: "enp0s31f6" },
  disks: { layout: "zfs", device: "/dev/nvme0n1" },
  nomad: { server: true, client: false },
  consul: { server: true, services: [service] },
  firewall: { tcp: [5432] },
  nixos: {
    ...database,
    // It stays awake with its lid closed.
    services: {
      ...database.services,
      logind: { settings: { Login: { HandleLidSwitch: "ignore", HandleLidSwitchExternalPower: "ignore" } } },
    },
  },
});
