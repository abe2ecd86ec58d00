import fleet from "./fleet";

/** What all mini PCs have in common: one SSD, one cable, and the NAS's share for their jobs. */
export function mini(cluster: "prod" | "dev", address: `192.168.10.${number}`, server = false) {
  return fleet.bareMetal({
    site: "home",
    cluster,
    tags: ["elitedesk"],
    address: { ipv4: `${address}/24`, gateway4: "192.168.10.1", interface: "eno1" },
    disks: { layout: "ext4", device: "/dev/sda" },
    nomad: {
      server,
      datacenter: "home",
      drivers: ["docker"],
      hostVolumes: { shared: { path: "/srv/shared" } },
    },
    consul: { server },
    imports: ["./nix/nas.nix"],
  });
}
