import type { Host } from "../../generators/model/fleet.js";
import type { HostInput } from "../../generators/model/input.js";
import { Cidr, familyOf } from "../../generators/model/net.js";
import type { FleetPlan, HostPlan } from "../../generators/plan/types.js";
import { compareText } from "../../generators/tree/paths.js";
import type { AddressView, HetznerView, LanView, MachineView, OpenView, Purpose } from "./types.js";

/** What a server at Hetzner is made of. */

/** @param input the host's own fields */
export function viewHetzner(
  plan: FleetPlan,
  hostPlan: HostPlan,
  input: HostInput<"hetznerVm">,
  machine: MachineView,
): HetznerView {
  const { host } = hostPlan;
  const volumes = Object.entries(input.volumes ?? {}).map(([name, { size }]) => ({ name, size }));
  return {
    ...machine,
    platform: "hetznerVm",
    serverType: input.serverType,
    location: input.location,
    arch: host.arch,
    backups: input.backups ?? false,
    volumes: volumes.sort((a, b) => compareText(a.name, b.name)),
    addresses: viewAddresses(host),
    publicName: `${host.name}.${plan.fleet.domain}`,
    open: viewOpen(plan, hostPlan),
    lan: host.site.lan === undefined ? null : { site: host.site.name, ip: literalLan(host) },
  };
}

/** The families that the site has. What the lock knows from the provider is no wish of the host file's. */
function viewAddresses({ site, input }: Host): AddressView[] {
  const families = ["ipv4", "ipv6"] as const;
  return families
    .filter((family) => site[family] !== "none")
    .map((family) => ({ family, fixed: Cidr.parse(input.address?.[family] ?? "")?.address ?? null }));
}

/** The host's address in the site's LAN, unless a name stands for it. */
function literalLan({ address: { lan } }: Host): string | null {
  return lan !== undefined && familyOf(lan) !== null ? lan : null;
}

/**
 * Exactly what the plan opens to the world, or will once the server has an address that others can reach. Ping is let in because the
 * host's own firewall answers it as well, and because ICMP says how large packets may be.
 */
function viewOpen({ fleet }: FleetPlan, { host, firewall }: HostPlan): OpenView[] {
  const { tcp, udp } = firewall.world;
  const meshPort = fleet.clusters.get(host.cluster)?.mesh.port;
  const purposeOf = (protocol: "tcp" | "udp", port: number): Purpose => {
    if (protocol === "tcp" && port === fleet.deploy.port) return "ssh";
    return protocol === "udp" && port === meshPort ? "mesh" : "service";
  };
  return [
    { purpose: "ping", protocol: "icmp" },
    ...tcp.map((port) => ({ purpose: purposeOf("tcp", port), protocol: "tcp" as const, port })),
    ...[...new Set([...udp, ...pendingMesh(host, meshPort)])].map((port) => ({
      purpose: purposeOf("udp", port),
      protocol: "udp" as const,
      port,
    })),
  ];
}

/** The mesh's port of a server whose address the plan does not know yet: the server is made with its firewall, and then has one. */
function pendingMesh({ site, address }: Host, meshPort: number | undefined): number[] {
  const isPending = address.public4 === undefined && address.public6 === undefined;
  const isPublic = site.ipv4 === "public" || site.ipv6 === "public";
  return isPending && isPublic && meshPort !== undefined ? [meshPort] : [];
}

/** The LANs of sites with servers at Hetzner, as private networks. */
export function viewLans({ fleet }: FleetPlan, servers: readonly HetznerView[]): LanView[] {
  const sites = new Set(servers.flatMap(({ lan }) => (lan === null ? [] : [lan.site])));
  return [...sites].sort(compareText).flatMap((site) => {
    const lan = fleet.sites.get(site)?.lan;
    return lan === undefined ? [] : [{ site, range: lan.network }];
  });
}
