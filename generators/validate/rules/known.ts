/** Ports and ranges that the daemons of every host use. */

/** Docker's default bridge, and Nomad's default `bridge_network_subnet`. */
export const CONTAINER_RANGES = [
  { name: "Docker's bridge", cidr: "172.17.0.0/16" },
  { name: "Nomad's bridge", cidr: "172.26.64.0/20" },
] as const;

/** Who listens on a port of every host; from the port tables in Consul's, Nomad's and BFD's documentation. */
export const DAEMON_PORTS: ReadonlyMap<number, string> = new Map([
  [53, "Unbound"],
  [3784, "BFD"],
  [4646, "Nomad's HTTP API"],
  [4647, "Nomad's RPC"],
  [4648, "Nomad's gossip"],
  [8300, "Consul's RPC"],
  [8301, "Consul's LAN gossip"],
  [8302, "Consul's WAN gossip"],
  [8500, "Consul's HTTP API"],
  [8501, "Consul's HTTPS API"],
  [8502, "Consul's gRPC"],
  [8503, "Consul's gRPC over TLS"],
  [8600, "Consul's DNS"],
]);
