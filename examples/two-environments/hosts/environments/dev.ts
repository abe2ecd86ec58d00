import { dhcp } from "../_dhcp";
import fleet from "../fleet";

/** The same hosts as virtual machines on a laptop, in libvirt's network. What is not named here is as in production. */
export default fleet.environment({
  sites: { home: { lan: "192.168.122.0/24" } },
  mesh: { ipv4: "10.41.0.0/16" },
  hosts: {
    dns: fleet.proxmoxVm({
      site: "home",
      node: "laptop",
      address: { ipv4: "192.168.122.2/24", gateway4: "192.168.122.1" },
      disks: { layout: "ext4" },
      nixos: { services: { dnsmasq: dhcp("192.168.122") } },
    }),
    services: fleet.proxmoxVm({
      site: "home",
      node: "laptop",
      cores: 4,
      memory: 8192,
      address: { ipv4: "192.168.122.10/24", gateway4: "192.168.122.1" },
      disks: { layout: "ext4" },
    }),
    storage: fleet.proxmoxVm({
      site: "home",
      node: "laptop",
      address: { ipv4: "192.168.122.11/24", gateway4: "192.168.122.1" },
      disks: { layout: "ext4" },
    }),
  },
});
