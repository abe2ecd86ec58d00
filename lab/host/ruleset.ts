import type { FirewallView, OpenPorts } from "../../generators/render/types.js";

/**
 * NixOS's firewall: `networking.firewall` and `networking.nftables.tables` as nftables' ruleset, as the modules
 * `firewall-nftables.nix` and `nftables.nix` of nixpkgs put it. What no view sets is NixOS's default: pings are answered,
 * nothing is logged, and loopback is trusted.
 */

/** A table of `networking.nftables.tables`. */
export interface Table {
  readonly family: string;
  readonly content: string;
}

/**
 * The whole ruleset for `nft -f -`. Each table is emptied first, in the same transaction, so that it can be loaded again.
 * @param tables beside NixOS's own, by name
 */
export function printRuleset(firewall: FirewallView, tables: Readonly<Record<string, Table>>): string {
  const all = { ...tables, "nixos-fw": { family: "inet", content: printFirewall(firewall) } };
  const sorted = Object.entries(all).sort(byName);
  return [
    ...sorted.map(([name, { family }]) => `table ${family} ${name}\ndelete table ${family} ${name}\n`),
    ...sorted.map(([name, { family, content }]) => `table ${family} ${name} {\n${indent(content)}\n}\n`),
  ].join("\n");
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function indent(text: string): string {
  return text.trimEnd().replaceAll(/^(?=.)/gm, "  ");
}

function chain(name: string, lines: readonly string[]): string {
  return `chain ${name} {\n${indent(lines.join("\n"))}\n}\n`;
}

function printFirewall(firewall: FirewallView): string {
  return [
    TEMPORARY_PORTS,
    ...reversePath(firewall),
    chain("input", INPUT),
    chain("input-allow", [...openPorts(firewall), ...ALWAYS_ALLOWED, ...firewall.extraInputRules]),
    ...forwarding(firewall),
  ].join("\n");
}

/** What `nixos-firewall-tool` fills. */
const TEMPORARY_PORTS = `set temp-ports {
  comment "Temporarily opened ports"
  type inet_proto . inet_service
  flags interval
  auto-merge
}
`;

function reversePath({ checkReversePath }: FirewallView): string[] {
  const own = chain("rpfilter-allow", []);
  if (checkReversePath === false) return [own];
  const strict = checkReversePath === "loose" ? "" : ". iif ";
  const check = chain("rpfilter", [
    "type filter hook prerouting priority mangle + 10; policy drop;",
    'meta nfproto ipv4 udp sport . udp dport { 67 . 68, 68 . 67 } accept comment "DHCPv4 client/server"',
    `fib saddr . mark ${strict}oif exists accept`,
    "jump rpfilter-allow",
  ]);
  return [check, own];
}

const INPUT = [
  "type filter hook input priority filter; policy drop;",
  'iifname { "lo" } accept comment "trusted interfaces"',
  "icmpv6 type echo-reply accept",
  "ct state vmap { invalid : drop, established : accept, related : accept, new : jump input-allow, untracked : jump input-allow }",
];

const ALWAYS_ALLOWED = [
  "meta l4proto . th dport @temp-ports accept",
  'icmp type echo-request accept comment "allow ping"',
  'icmpv6 type != { nd-redirect, 139 } accept comment "Accept all ICMPv6 messages except redirects and node information queries (type 139).  See RFC 4890, section 4.4."',
  'ip6 daddr fe80::/64 udp dport 546 accept comment "DHCPv6 client"',
];

/** Ports by interface. NixOS calls those of the world the interface `default`, and sorts it among the others. */
function openPorts(firewall: FirewallView): string[] {
  const all: Readonly<Record<string, OpenPorts>> = { ...firewall.interfaces, default: firewall };
  return Object.entries(all)
    .sort(byName)
    .flatMap(([name, ports]) => {
      const at = name === "default" ? "" : `iifname ${name} `;
      return [
        ...accept(`${at}tcp`, ports.allowedTCPPorts, ports.allowedTCPPortRanges),
        ...accept(`${at}udp`, ports.allowedUDPPorts, ports.allowedUDPPortRanges),
      ];
    });
}

function accept(
  match: string,
  ports: OpenPorts["allowedTCPPorts"] = [],
  ranges: OpenPorts["allowedTCPPortRanges"] = [],
): string[] {
  const single = [...new Set(ports)].sort((a, b) => a - b).map(String);
  const set = [...single, ...ranges.map(({ from, to }) => `${from}-${to}`)];
  return set.length === 0 ? [] : [`${match} dport { ${set.join(", ")} } accept`];
}

function forwarding({ filterForward, extraForwardRules }: FirewallView): string[] {
  if (!filterForward) return [];
  const forward = chain("forward", [
    "type filter hook forward priority filter; policy drop;",
    "ct state vmap { invalid : drop, established : accept, related : accept, new : jump forward-allow, untracked : jump forward-allow }",
  ]);
  const allow = chain("forward-allow", [
    'icmpv6 type != { router-renumbering, 139 } accept comment "Accept all ICMPv6 messages except renumbering and node information queries (type 139).  See RFC 4890, section 4.3."',
    'ct status dnat accept comment "allow port forward"',
    ...extraForwardRules,
  ]);
  return [forward, allow];
}
