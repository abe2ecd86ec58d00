/** What the daemons of every host use: stated once, for the plan and for the rules. The proof has a list of its own on purpose. */

/** Ports, from the port tables in Consul's and Nomad's documentation and RFC 5881 (BFD, single hop). */
export const PORTS = {
  dns: 53,
  bfd: 3784,
  nomadHttp: 4646,
  nomadRpc: 4647,
  nomadGossip: 4648,
  consulRpc: 8300,
  consulGossip: 8301,
  consulWanGossip: 8302,
  consulHttp: 8500,
  consulHttps: 8501,
  consulGrpc: 8502,
  consulGrpcTls: 8503,
  consulDns: 8600,
} as const;

/** Who listens on a port, in words. */
export const PORT_OWNERS: ReadonlyMap<number, string> = new Map([
  [PORTS.dns, "Unbound"],
  [PORTS.bfd, "BFD"],
  [PORTS.nomadHttp, "Nomad's HTTP API"],
  [PORTS.nomadRpc, "Nomad's RPC"],
  [PORTS.nomadGossip, "Nomad's gossip"],
  [PORTS.consulRpc, "Consul's RPC"],
  [PORTS.consulGossip, "Consul's LAN gossip"],
  [PORTS.consulWanGossip, "Consul's WAN gossip"],
  [PORTS.consulHttp, "Consul's HTTP API"],
  [PORTS.consulHttps, "Consul's HTTPS API"],
  [PORTS.consulGrpc, "Consul's gRPC"],
  [PORTS.consulGrpcTls, "Consul's gRPC over TLS"],
  [PORTS.consulDns, "Consul's DNS"],
]);

/** What Nomad hands to jobs: its defaults of `min_dynamic_port` and `max_dynamic_port`. */
export const DYNAMIC_PORTS = { from: 20000, to: 32000 } as const;

/** Docker's default bridge: its gateway is the host, as containers see it. */
export const DOCKER_BRIDGE = "172.17.0.1";
export const DOCKER_NETWORK = "172.17.0.0/16";
/** Nomad's default `bridge_network_subnet`. */
export const NOMAD_NETWORK = "172.26.64.0/20";
