import { reserved } from "./_lan";
import fleet from "./fleet";

export default fleet.proxmoxLxc({
  site: "home",
  node: "pve",
  vmId: 202,
  address: reserved("hash2"),
  nomad: { server: true },
  consul: { server: true },
});
