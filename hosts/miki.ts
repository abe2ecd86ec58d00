import fleet from "./fleet";

export default fleet.hetznerVm({
  site: "nuremberg",
  serverType: "cx23",
  location: "nbg1",
  address: { ipv4: "198.51.100.20/32", gateway4: "172.31.1.1", ipv6: "2001:db8:b::20/64", gateway6: "fe80::1" },
  nomad: { server: true },
  consul: { server: true },
  firewall: { tcp: [80, 443] },
});
