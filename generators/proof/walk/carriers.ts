import type { ClusterNodes, Node } from "../host/nodes.js";
import { remember } from "../sets/remember.js";
import { carries } from "./excuses.js";

/** Hosts that the same relays could take packets on for. */
export interface CarriedClass {
  readonly relays: ReadonlySet<Node>;
  /** In ascending order. */
  readonly places: number[];
}

/** A cluster's hosts by the relays that reach them: few classes, so that nothing has to look at pairs. Relays are in none. */
export class Carriers {
  readonly classes: readonly CarriedClass[];
  private readonly byPlace: (CarriedClass | undefined)[] = [];

  constructor({ nodes, relays }: ClusterNodes) {
    const known = new Map<string, CarriedClass>();
    const isRelay = new Set(relays);
    for (const node of nodes) {
      if (isRelay.has(node)) continue;
      const own = relays.filter((relay) => carries(relay, node));
      const key = own.map(({ id }) => id).join(" ");
      const members = remember(known, key, () => ({ relays: new Set(own), places: [] }));
      members.places.push(node.place);
      this.byPlace[node.place] = members;
    }
    this.classes = [...known.values()];
  }

  /** The class of the host at a place; undefined for a relay. */
  of(place: number): CarriedClass | undefined {
    return this.byPlace[place];
  }
}

/** Whether a relay reaches the hosts of both classes, and no other one does. */
export function isOnlyRelay(relay: Node, a: CarriedClass, b: CarriedClass): boolean {
  if (!a.relays.has(relay) || !b.relays.has(relay)) return false;
  for (const other of a.relays) if (other !== relay && b.relays.has(other)) return false;
  return true;
}

/** How many relays are left. */
export function countLeft({ relays }: CarriedClass, dead: Node): number {
  return relays.size - (relays.has(dead) ? 1 : 0);
}

/** The index of the first of the sorted places that is at least `place`. */
export function firstAtLeast(places: readonly number[], place: number): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places[middle] ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return low;
}
