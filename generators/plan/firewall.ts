import { DYNAMIC_PORTS, PORTS } from "../model/daemons.js";
import type { Host } from "../model/fleet.js";
import type { ConsulServiceInput } from "../model/input.js";
import { isConnectable, type Reach } from "./mesh/reach.js";
import type { ContainersPlan, FirewallPlan, Ports } from "./types.js";

/** Open ports, by interface and role. Everything that is not here stays closed. */

function sorted(ports: Iterable<number>): number[] {
  return [...new Set(ports)].sort((a, b) => a - b);
}

function meshPorts(host: Host, bfd: boolean): Ports {
  const tcp: number[] = [PORTS.dns, ...host.firewall.mesh.tcp];
  const udp: number[] = [PORTS.dns, ...host.firewall.mesh.udp];
  if (host.consul !== null) {
    tcp.push(PORTS.consulGossip, PORTS.consulHttp, ...ownServices(host.consul.services));
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

/** Ports of services that run on the host itself. */
function ownServices(services: readonly ConsulServiceInput[]): number[] {
  return services.filter(({ address }) => address === undefined).map(({ port }) => port);
}

function lanPorts(host: Host): FirewallPlan["lan"] {
  const dns = host.dns.resolver ? [PORTS.dns] : [];
  const { tcp, udp } = host.firewall.lan;
  const ports = { tcp: sorted([...dns, ...tcp]), udp: sorted([...dns, ...udp]) };
  const { lan } = host.site;
  return lan === undefined || ports.tcp.length + ports.udp.length === 0 ? null : { source: lan.network, ports };
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
  // The first update of a provider makes the machine, and its firewall: others connect as soon as they know the address.
  const connectable = isConnectable(reach) || reach.pending;
  return {
    world: {
      tcp: sorted([sshPort, ...host.firewall.world.tcp]),
      udp: sorted([...(connectable ? [meshPort] : []), ...host.firewall.world.udp]),
    },
    mesh: meshPorts(host, bfd),
    meshRanges: host.nomad?.client === true ? [DYNAMIC_PORTS] : [],
    containers:
      containers === null
        ? { tcp: [], udp: [] }
        : { tcp: sorted([PORTS.dns, ...(host.consul === null ? [] : [PORTS.consulHttp])]), udp: [PORTS.dns] },
    lan: lanPorts(host),
  };
}
