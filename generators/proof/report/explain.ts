import type { Mesh, Node, WgInterface } from "../host/nodes.js";
import type { Tables } from "../host/tables.js";
import { judgeStart, type StartBlock } from "../link/underlay.js";
import type { Failure } from "../walk/follow.js";

/** Words for what the proof found. */

export interface Explanation {
  /** Where it stops and why, after "stops at …". */
  readonly reason: string;
  readonly hint: string;
  /** The host whose files have to change; findings of one culprit and one code are reported together. */
  readonly culprit: Node;
}

const START_WORDS: Readonly<Record<StartBlock, string>> = {
  "no-endpoint": "has no endpoint for it",
  "mesh-only-name": "has an endpoint whose name only resolves inside the mesh",
  elsewhere: "has an endpoint that leads elsewhere",
  "shared-forwarding": "has an endpoint that is forwarded to several hosts",
  "other-site": "has an endpoint in the LAN of another site",
  "no-family": "has an endpoint of an address family that one of the two does not have",
  "closed-uplink": "has an endpoint behind an uplink that lets nothing in",
  "stale-address": "has a literal endpoint at a site whose address changes",
  "wrong-port": "has an endpoint with a port that nobody listens on",
  "closed-port": "finds the UDP port closed by the firewall",
};

export function explainFailure(mesh: Mesh, tables: Tables, failure: Failure): Explanation {
  const { stop, from, to, hop, listener } = failure;
  const next = failure.next ?? hop;
  const wire = failure.wire?.name ?? "the mesh";
  const address = from.world.ip;
  const at = (reason: string, hint: string, culprit: Node = hop): Explanation => ({ reason, hint, culprit });
  switch (stop) {
    case "no-route":
      return at(`which has no route to ${to.world.ip}`, `add a route on ${hop.name}, or a relay that reaches both`);
    case "bfd-down":
      return explainBfd(tables, failure);
    case "leaves-mesh":
      return at(
        `which routes ${to.world.ip} out of the mesh`,
        `a network of ${hop.name} holds ${to.world.ip}: choose another range`,
      );
    case "wrong-source":
      return at(`which sends with another source address than ${address}`, `let ${hop.name} send from ${address}`);
    case "no-peer":
      return at(
        `which has no peer on ${wire} for ${to.world.ip}`,
        `add ${to.world.ip}/32 to the allowed IPs of a peer`,
      );
    case "unknown-key":
      return at(
        `whose peer for ${to.world.ip} on ${wire} has a key that no host has`,
        "write the host's own public key",
      );
    case "relay-down":
      return at(`which knows no other way than ${next.name}`, "add a route over another relay");
    case "one-sided-peer":
      return at(`since ${next.name} has no peer with its key`, `add ${hop.name} to the peers of ${next.name}`, next);
    case "no-keepalive":
      return at(
        `since ${next.name} cannot be reached from outside and does not keep the link open`,
        `set PersistentKeepalive for ${hop.name} on ${next.name}`,
        next,
      );
    case "no-start":
      return at(explainStart(mesh, failure), "give one of the two an endpoint that the other can reach");
    case "source-refused":
      return at(
        `which has no peer that accepts ${address}`,
        `add ${address}/32 to the allowed IPs of ${next.name} there`,
      );
    case "reverse-path":
      return at(
        `whose strict reverse-path filter drops ${address} on ${wire}`,
        `set rp_filter to 2 on ${hop.name}, and checkReversePath to "loose"`,
      );
    case "no-forwarding":
      return at("which does not forward packets", `set net.ipv4.ip_forward on ${hop.name}`);
    case "forward-rule":
      return at("whose firewall forwards nothing there", `accept forwarding from mesh to mesh on ${hop.name}`);
    case "not-its-address":
      return at(`which has no interface with ${to.world.ip}`, `give ${hop.name} its mesh address`);
    case "loop":
      return at("after too many hops", "the routes lead in a circle");
    case "closed-port":
      return at(
        `whose firewall keeps ${listener.port}/${listener.protocol} (${listener.what}) closed on ${wire}`,
        `open ${listener.protocol} ${listener.port} on ${wire}`,
      );
    default:
      return stop satisfies never;
  }
}

function explainBfd(tables: Tables, { hop, to, dead }: Failure): Explanation {
  const asleep = hop.routes.filter(({ via, prefix }) => via !== null && prefix.first <= to.ip && to.ip <= prefix.last);
  const problems = asleep.filter(({ via }) => via !== dead?.ip).flatMap((route) => tables.bfdProblem(hop, route) ?? []);
  const why = problems.length === 0 ? "" : `: ${problems.join(", ")}`;
  return {
    reason: `which has no route to ${to.world.ip} that is alive${why}`,
    hint: problems.length === 0 ? "add a route over another relay" : "let BFD come up on both ends",
    culprit: hop,
  };
}

function explainStart(mesh: Mesh, { hop, next, wire, peer }: Failure): string {
  const partner: WgInterface | undefined = wire === null ? undefined : mesh.interfaces[wire.partner[peer] ?? -1];
  if (wire === null || partner === undefined || next === null) return "where no side can begin";
  const there = judgeStart(wire, peer, partner);
  const back = judgeStart(partner, wire.partnerPeer[peer] ?? -1, wire);
  const words = (name: string, block: StartBlock | null) => `${name} ${START_WORDS[block ?? "no-endpoint"]}`;
  return `since neither side can begin the link to ${next.name}: ${words(hop.name, there)}, ${words(next.name, back)}`;
}
