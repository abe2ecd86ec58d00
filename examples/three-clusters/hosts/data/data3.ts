import fleet from "../fleet";

/** The third voter, and room for batch jobs that copy backups to the NAS. */
export default fleet.proxmoxVm({
  site: "home",
  cluster: "data",
  node: "pve2",
  vmId: 143,
  memory: 4096,
  disk: 64,
  address: { ipv4: "192.168.10.43/24", gateway4: "192.168.10.1" },
  nomad: { server: true, drivers: ["exec", "raw_exec"], hostVolumes: { shared: { path: "/srv/shared" } } },
  consul: { server: true },
  imports: ["./nix/nas.nix"],
});
