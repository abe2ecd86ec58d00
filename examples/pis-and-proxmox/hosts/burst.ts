import fleet from "./fleet";

/**
 * A server that exists when there is something to compute. Its primary addresses are kept while it does not, so that no
 * other host changes when it comes back.
 */
export default fleet.hetznerVm({
  site: "falkenstein",
  serverType: "cpx32",
  location: "fsn1",
  tags: ["burst"],
  address: { ipv4: "198.51.100.77/32", gateway4: "172.31.1.1", ipv6: "2001:db8:77::1/64", gateway6: "fe80::1" },
  nomad: { nodePool: "burst", drivers: ["docker", "exec"] },
});
