import fleet from "./fleet";

export default fleet.contaboVm({
  site: "dusseldorf",
  address: {
    ipv4: "203.0.113.10/24",
    gateway4: "203.0.113.1",
    ipv6: "2001:db8:a::10/64",
    gateway6: "fe80::1",
  },
  nomad: { server: true },
  consul: { server: true },
  firewall: { tcp: [80, 443] },
});
