import fleet from "../fleet";
import { database, service } from "./_database";

/** Dev's databases. */
export default fleet.proxmoxVm({
  site: "home",
  cluster: "data",
  node: "pve1",
  vmId: 142,
  cores: 4,
  memory: 8192,
  disk: 200,
  address: { ipv4: "192.168.10.42/24", gateway4: "192.168.10.1" },
  disks: { layout: "btrfs" },
  nomad: { server: true },
  consul: { server: true, services: [service] },
  firewall: { tcp: [5432] },
  nixos: database,
});
