import type { NixTree } from "../../../model/input.js";
import type { HostPlan } from "../../../plan/types.js";
import type { MeshView } from "../../types.js";

/** What the mesh needs beside interfaces: option trees from the root. */

/**
 * A link that works shakes hands every two minutes (REKEY_AFTER_TIME of WireGuard's protocol), and carries on with the old
 * keys for at most 180 s, so an older handshake means that the peer is not where it was.
 */
const LATE_HANDSHAKE = 150;

const LOOK_UP = `look_up() {
  last=$(wg show "$1" latest-handshakes | awk -v key="$2" '$1 == key { print $2 }')
  if [ $(($(date +%s) - \${last:-0})) -gt ${LATE_HANDSHAKE} ]; then
    wg set "$1" peer "$2" endpoint "$3" || true
  fi
}
`;

/** networkd looks the name of an endpoint up once; this does it again while the link is silent. */
export function viewReresolve({ reresolve }: MeshView): NixTree | null {
  if (reresolve.length === 0) return null;
  const calls = reresolve.map(
    ({ interface: name, publicKey, endpoint }) => `look_up ${name} "${publicKey}" "${endpoint}"\n`,
  );
  const service = {
    description: "Look up endpoints of the mesh that are names",
    wants: ["network-online.target"],
    after: ["network-online.target"],
    path: [{ $nix: "pkgs.gawk" }, { $nix: "pkgs.wireguard-tools" }],
    // The timer tries again; one name must not hold up the next.
    environment: { WG_ENDPOINT_RESOLUTION_RETRIES: "0" },
    serviceConfig: { Type: "oneshot" },
    script: LOOK_UP + calls.join(""),
  };
  return { systemd: { services: { "mesh-endpoints": service } } };
}

export function viewReresolveTimer({ reresolve }: MeshView): NixTree | null {
  if (reresolve.length === 0) return null;
  const timer = {
    wantedBy: ["timers.target"],
    timerConfig: { OnBootSec: "30s", OnUnitInactiveSec: "30s", AccuracySec: "1s" },
  };
  return { systemd: { timers: { "mesh-endpoints": timer } } };
}

/**
 * The two directions of a connection may go over different relays, and do while one fails over or comes back. Connection
 * tracking would call such packets invalid, and the firewall drop them; a relay does not need to know connections.
 */
export function viewUntracked({ mesh }: HostPlan): NixTree | null {
  if (!mesh.forwards) return null;
  const content = `chain prerouting {
  type filter hook prerouting priority raw; policy accept;
  iifname "mesh" fib daddr oifname "mesh" notrack
}
`;
  return { networking: { nftables: { tables: { "mesh-untracked": { family: "inet", content } } } } };
}

/** Containers send packets of 1,500 bytes where their network says nothing else; TCP is told what fits through the mesh. */
export function viewClamp({ containers, mesh }: HostPlan): NixTree | null {
  if (containers === null) return null;
  const rules = mesh.interfaces.map(
    ({ name }) => `  oifname "${name}" tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu\n`,
  );
  const content = `chain forward {\n  type filter hook forward priority mangle; policy accept;\n${rules.join("")}}\n`;
  return { networking: { nftables: { tables: { "mesh-mss": { family: "inet", content } } } } };
}
