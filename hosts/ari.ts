import fleet from "./fleet";

export default fleet.bareMetal({
  site: "london",
  address: { ipv6: "2001:db8:c::31/64" },
  disks: { layout: "ext4", device: "/dev/sda" },
});
