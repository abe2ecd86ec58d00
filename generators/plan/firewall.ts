import type { Host } from "../model/fleet.js";
import { isConnectable, type Reach } from "./reach.js";
import type { ContainersPlan, FirewallPlan, PortRange, Ports } from "./types.js";

/** Open ports, by interface and role. Everything that is not here stays closed. */

/** Ports of the daemons, as their documentation gives them. */
export const PORTS = {
  dns: 53,
  /** BFD, single hop (RFC 5881). */
  bfd: 3784,
  consulRpc: 8300,
  consulGossip: 8301,
  consulHttp: 8500,
  nomadHttp: 4646,
  nomadRpc: 4647,
  nomadGossip: 4648,
} as const;

/** What Nomad hands to jobs: its defaults of `min_dynamic_port` and `max_dynamic_port`. */
export const DYNAMIC_PORTS: PortRange = { from: 20000, to: 32000 };

function sorted(ports: Iterable<number>): number[] {
  return [...new Set(ports)].sort((a, b) => a - b);
}

function meshPorts(host: Host, bfd: boolean): Ports {
  const tcp: number[] = [PORTS.dns];
  const udp: number[] = [PORTS.dns];
  if (host.consul !== null) {
    tcp.push(PORTS.consulGossip, PORTS.consulHttp, ...host.consul.services.map((service) => service.port));
    udp.push(PORTS.consulGossip);
    if (host.consul.server) tcp.push(PORTS.consulRpc);
  }
  if (host.nomad !== null) {
    tcp.push(PORTS.nomadHttp);
    if (host.nomad.server) {
      tcp.push(PORTS.nomadRpc, PORTS.nomadGossip);
      udp.push(PORTS.nomadGossip);
    }
  }
  if (bfd) udp.push(PORTS.bfd);
  return { tcp: sorted(tcp), udp: sorted(udp) };
}

/**
 * @param meshPort the mesh's UDP port
 * @param sshPort OpenSSH's port
 * @param bfd whether BIRD runs on the host
 */
export function planFirewall(
  host: Host,
  reach: Reach,
  { meshPort, sshPort, bfd }: { meshPort: number; sshPort: number; bfd: boolean },
  containers: ContainersPlan | null,
): FirewallPlan {
  const dns: Ports = { tcp: [PORTS.dns], udp: [PORTS.dns] };
  const { lan } = host.site;
  return {
    world: {
      tcp: sorted([sshPort, ...host.firewall.tcp]),
      udp: sorted([...(isConnectable(reach) ? [meshPort] : []), ...host.firewall.udp]),
    },
    mesh: meshPorts(host, bfd),
    meshRanges: host.nomad?.client === true ? [DYNAMIC_PORTS] : [],
    containers:
      containers === null
        ? { tcp: [], udp: [] }
        : { tcp: sorted([PORTS.dns, ...(host.consul === null ? [] : [PORTS.consulHttp])]), udp: [PORTS.dns] },
    lan: host.dns.resolver && lan !== undefined ? { source: lan.network, ports: dns } : null,
  };
}
