import { familyOf } from "../../../model/net.js";
import type { HostPlan, Ports } from "../../../plan/types.js";
import type { FirewallView, OpenPorts } from "../../types.js";

/** The firewall: what the plan opens, in the words of `networking.firewall`. */

/** The bridge of Nomad's `bridge` networks, and Docker's default one. */
function bridgesOf(containers: HostPlan["containers"]): string[] {
  if (containers === null) return [];
  return containers.docker ? ["docker0", "nomad"] : ["nomad"];
}

function openPorts({ tcp, udp }: Ports, ranges: HostPlan["firewall"]["meshRanges"] = []): OpenPorts {
  return {
    ...(tcp.length > 0 && { allowedTCPPorts: tcp }),
    ...(udp.length > 0 && { allowedUDPPorts: udp }),
    ...(ranges.length > 0 && { allowedTCPPortRanges: ranges, allowedUDPPortRanges: ranges }),
  };
}

function quoteNames(names: readonly string[]): string {
  return names.length === 1 ? `"${names[0]}"` : `{ ${names.map((name) => `"${name}"`).join(", ")} }`;
}

/**
 * What may pass through: on a relay from mesh to mesh, and containers on their way out. Replies and published ports pass by
 * NixOS's own rules. Docker names the bridges of networks that people make `br-` and a number.
 */
function forwardRules({ mesh, containers }: HostPlan): string[] {
  const names = quoteNames(mesh.interfaces.map(({ name }) => name));
  return [
    ...(mesh.forwards ? [`iifname ${names} oifname ${names} accept`] : []),
    ...(containers === null ? [] : [`iifname ${quoteNames(bridgesOf(containers))} accept`]),
    ...(containers?.docker === true ? ['iifname "br-*" accept'] : []),
  ];
}

function lanRules({ firewall: { lan } }: HostPlan): string[] {
  if (lan === null) return [];
  const family = familyOf(lan.source.split("/")[0] ?? "") === "ipv6" ? "ip6" : "ip";
  return (["tcp", "udp"] as const)
    .filter((protocol) => lan.ports[protocol].length > 0)
    .map((protocol) => `${family} saddr ${lan.source} ${protocol} dport { ${lan.ports[protocol].join(", ")} } accept`);
}

export function viewFirewall(own: HostPlan): FirewallView {
  const { firewall, mesh, containers } = own;
  const open = openPorts(firewall.mesh, firewall.meshRanges);
  return {
    ...openPorts(firewall.world),
    interfaces: Object.fromEntries([
      ...mesh.interfaces.map(({ name }) => [name, open] as const),
      ...bridgesOf(containers).map((name) => [name, openPorts(firewall.containers)] as const),
    ]),
    // Docker turns forwarding on; without this, neighbours could send into its networks.
    filterForward: mesh.forwards || containers !== null,
    extraForwardRules: forwardRules(own),
    extraInputRules: lanRules(own),
    checkReversePath: mesh.asymmetric ? "loose" : true,
  };
}
