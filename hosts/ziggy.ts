import fleet from "./fleet";

export default fleet.bareMetal({
  site: "london",
  address: { ipv6: "2001:db8:c::32/64" },
  disks: { layout: "ext4", device: "/dev/nvme0n1" },
});
