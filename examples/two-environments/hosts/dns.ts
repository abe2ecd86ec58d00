import { dhcp } from "./_dhcp";
import fleet from "./fleet";

/** DNS and DHCP on a machine of their own (7 W), so that work on the others goes unnoticed. It votes, and runs no jobs. */
export default fleet.bareMetal({
  site: "home",
  address: { ipv4: "192.168.20.2/24", gateway4: "192.168.20.1", interface: "enp1s0" },
  disks: { layout: "ext4", device: "/dev/sda" },
  bootMode: "bios",
  nomad: { server: true, client: false },
  consul: { server: true },
  dns: { resolver: true },
  firewall: { udp: [67] },
  nixos: { services: { dnsmasq: dhcp("192.168.20") } },
});
