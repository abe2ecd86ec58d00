import fleet from "./fleet";

export default fleet.bareMetal({
  site: "lab",
  address: { ipv4: "203.0.113.2/24", gateway4: "203.0.113.254", interface: "eth1" },
  disks: { layout: "ext4", device: "/dev/vda" },
  nomad: { server: true },
  consul: { server: true },
});
