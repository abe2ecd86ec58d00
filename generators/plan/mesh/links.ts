import type { Link } from "../types.js";
import { canLink, type MeshNode, type MeshNodes } from "./nodes.js";

/**
 * How each pair of a mesh is linked. Directly, wherever one side can reach the other (in a hub topology only towards
 * relays); otherwise over every relay that both can reach.
 */

export interface Links {
  readonly linkOf: (a: MeshNode, b: MeshNode) => Link;
  /**
   * Hosts that a host reaches only over relays, sorted by name. In a hub topology the mesh's range stands for them, and
   * only the ones are listed that lack one of the host's relays.
   */
  readonly behind: ReadonlyMap<MeshNode, readonly MeshNode[]>;
  readonly unreachable: readonly { readonly a: string; readonly b: string }[];
}

const DIRECT: Link = { kind: "direct" };
const PENDING: Link = { kind: "pending" };
const NONE: Link = { kind: "none" };

/** Relays that carry the pair, in order of preference. */
export function commonRelays(a: MeshNode, b: MeshNode, relays: readonly MeshNode[]): readonly MeshNode[] {
  if (a.relay || b.relay) return relays.filter((r) => r !== a && r !== b && joins(r, a) && joins(r, b)).slice(0, 1);
  return a.usable.filter((relay) => b.usable.includes(relay));
}

/** A relay joins another relay by any direct link, and a host only where the host can begin it. */
function joins(relay: MeshNode, node: MeshNode): boolean {
  return node.relay ? canLink(relay, node) : node.usable.includes(relay);
}

function findLink(mesh: MeshNodes, hub: boolean, a: MeshNode, b: MeshNode): Link {
  if ((!hub || a.relay || b.relay) && canLink(a, b)) return DIRECT;
  const relays = commonRelays(a, b, mesh.relays);
  if (!hub && (a.reach.pending || b.reach.pending)) return PENDING;
  if (relays.length > 0) return { kind: "relay", relays: relays.map((relay) => relay.name) };
  return mesh.relays.some((relay) => relay.reach.pending) || a.reach.pending || b.reach.pending ? PENDING : NONE;
}

export function planLinks(mesh: MeshNodes): Links {
  const hub = mesh.cluster.mesh.topology === "hub";
  const linkOf = (a: MeshNode, b: MeshNode) => findLink(mesh, hub, a, b);
  return { linkOf, ...(hub ? hubBehind(mesh, linkOf) : fullBehind(mesh, linkOf)) };
}

/** Looks at every pair once. */
function fullBehind(mesh: MeshNodes, linkOf: Links["linkOf"]): Pick<Links, "behind" | "unreachable"> {
  const behind = new Map<MeshNode, MeshNode[]>(mesh.nodes.map((node) => [node, []]));
  const unreachable: { a: string; b: string }[] = [];
  for (const [index, a] of mesh.nodes.entries()) {
    let cutOff = false;
    for (let other = index + 1; other < mesh.nodes.length; other++) {
      const b = mesh.nodes[other];
      if (b === undefined || canLink(a, b)) continue;
      const { kind } = linkOf(a, b);
      if (kind === "relay") {
        behind.get(a)?.push(b);
        behind.get(b)?.push(a);
      } else if (kind === "none" && !cutOff) {
        cutOff = true;
        unreachable.push({ a: a.name, b: b.name });
      }
    }
  }
  for (const nodes of behind.values()) nodes.sort(byName);
  return { behind, unreachable };
}

/** Looks at classes of hosts with the same relays instead of at pairs. */
function hubBehind(mesh: MeshNodes, linkOf: Links["linkOf"]): Pick<Links, "behind" | "unreachable"> {
  const classes = classesByRelays(mesh.nodes.filter((node) => !node.relay));
  const behind = new Map<MeshNode, readonly MeshNode[]>();
  const unreachable: { a: string; b: string }[] = [];
  for (const members of classes) {
    const [first, second] = members;
    if (first === undefined) continue;
    const others = classes.filter((nodes) => nodes !== members);
    const lacking = others.filter(([b]) => b !== undefined && first.usable.some((relay) => !b.usable.includes(relay)));
    const exceptions = shareExceptions(lacking.flat());
    const witness = [...others.map(([b]) => b), second].find(
      (b) => b !== undefined && linkOf(first, b).kind === "none",
    );
    for (const node of members) {
      // Relays that begin links by themselves tell apart hosts that can begin to the same relays.
      behind.set(node, exceptions(viaAnother(node, mesh.relays, mesh)));
      const apart = witness ?? mesh.relays.find((relay) => linkOf(node, relay).kind === "none");
      if (apart !== undefined) unreachable.push({ a: node.name, b: apart === node ? first.name : apart.name });
    }
  }
  for (const relay of mesh.relays) behind.set(relay, viaAnother(relay, mesh.nodes, mesh));
  return { behind, unreachable };
}

/** Hosts of a class that lack the same relays share one list: a large hub would have as many long ones as hosts. */
function shareExceptions(lacking: readonly MeshNode[]): (relays: readonly MeshNode[]) => readonly MeshNode[] {
  const lists = new Map<string, readonly MeshNode[]>();
  return (relays) => {
    const key = relays.map(({ name }) => name).join(" ");
    const known = lists.get(key);
    if (known !== undefined) return known;
    const list = [...lacking, ...relays].sort(byName);
    lists.set(key, list);
    return list;
  };
}

function byName(a: MeshNode, b: MeshNode): number {
  return a.name < b.name ? -1 : 1;
}

function classesByRelays(nodes: readonly MeshNode[]): MeshNode[][] {
  const classes = new Map<string, MeshNode[]>();
  for (const node of nodes) {
    const key = node.usable.map((relay) => relay.name).join(" ");
    const members = classes.get(key);
    if (members === undefined) classes.set(key, [node]);
    else members.push(node);
  }
  return [...classes.values()];
}

/** Those that a host does not link to itself but reaches over a relay, where one side is a relay. */
function viaAnother(node: MeshNode, others: readonly MeshNode[], mesh: MeshNodes): MeshNode[] {
  return others.filter(
    (other) => other !== node && !canLink(node, other) && commonRelays(node, other, mesh.relays).length > 0,
  );
}
