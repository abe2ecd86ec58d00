import type { ClusterNodes, Node } from "../host/nodes.js";
import { remember } from "../sets/remember.js";
import { type CarriedClass, Carriers, countLeft, firstAtLeast, isOnlyRelay } from "./carriers.js";
import { countRelaysLeft, willBeJoined } from "./excuses.js";

/** What a host loses with a relay, since no other one reaches both sides. */
export interface Loss {
  readonly host: Node;
  readonly relay: Node;
  /** How many other hosts it cannot talk to meanwhile. */
  count: number;
  /** One of them. */
  readonly example: Node;
}

interface Places extends Loss {
  readonly intervals: { readonly from: number; end: number }[];
  readonly singles: Set<number>;
}

/** Pairs that no plan keeps together while a relay is down, and pairs that wait for an address. */
export class Losses {
  /** Whether some pair is lost with some relay. */
  any = false;
  /** Ordered pairs that wait for an address. */
  waiting = 0;
  private readonly lost = new Map<Node, Map<Node, Places>>();
  private readonly carriers = new Map<ClusterNodes, Carriers>();

  /** A pair belongs to the side that fewer relays are left for, or to both. */
  add(host: Node, other: Node, relay: Node): void {
    this.any = true;
    if (countRelaysLeft(host, relay) > countRelaysLeft(other, relay) || !isWarned(host, other, relay)) return;
    const places = this.placesOf(host, other, relay);
    const { place } = other;
    if (places.singles.has(place) || places.intervals.some(({ from, end }) => from <= place && place < end)) return;
    places.singles.add(place);
    places.count++;
  }

  /**
   * What a host sends to the places `[from, end)` gets nowhere while a relay is down.
   * @param follow called with places that may be somebody's mistake
   */
  addInterval(host: Node, relay: Node, from: number, end: number, follow: (place: number) => void): void {
    const { cluster } = host;
    const carriers = this.carriersOf(cluster);
    const own = carriers.of(host.place);
    if (own === undefined || end - from <= carriers.classes.length) {
      for (let place = from; place < end; place++) {
        const others = carriers.of(place);
        if (own !== undefined && others !== undefined && isOnlyRelay(relay, own, others))
          this.addPlaces(host, relay, own, others, place, place + 1);
        else follow(place);
      }
      return;
    }
    for (const { place } of cluster.relays) if (from <= place && place < end) follow(place);
    for (const others of carriers.classes) {
      if (isOnlyRelay(relay, own, others)) this.addPlaces(host, relay, own, others, from, end);
      else for (const place of between(others, from, end)) follow(place);
    }
  }

  /** All hosts of a class that lie in `[from, end)`. */
  private addPlaces(host: Node, relay: Node, own: CarriedClass, others: CarriedClass, from: number, end: number): void {
    const first = firstAtLeast(others.places, from);
    const holdsHost = own === others && from <= host.place && host.place < end;
    const count = firstAtLeast(others.places, end) - first - (holdsHost ? 1 : 0);
    if (count === 0) return;
    this.any = true;
    if (countLeft(own, relay) > countLeft(others, relay)) return;
    const place = others.places[first] === host.place ? others.places[first + 1] : others.places[first];
    const example = host.cluster.nodes[place ?? -1];
    if (example === undefined || !isWarned(host, example, relay)) return;
    const places = this.placesOf(host, example, relay);
    places.count += count;
    const last = places.intervals.at(-1);
    if (last?.end === from) last.end = end;
    else places.intervals.push({ from, end });
  }

  /** By relay and by host, in the order of names. */
  list(): Loss[] {
    const all = [...this.lost.values()].flatMap((hosts) => [...hosts.values()]);
    return all.sort((a, b) => compare(a.relay.name, b.relay.name) || compare(a.host.name, b.host.name));
  }

  private carriersOf(cluster: ClusterNodes): Carriers {
    return remember(this.carriers, cluster, () => new Carriers(cluster));
  }

  private placesOf(host: Node, example: Node, relay: Node): Places {
    const hosts = remember(this.lost, relay, () => new Map<Node, Places>());
    return remember(hosts, host, () => ({ host, relay, count: 0, example, intervals: [], singles: new Set() }));
  }
}

/** A cluster with a single relay has a rule of its own, and what waits for an address mends itself. */
function isWarned(host: Node, other: Node, relay: Node): boolean {
  return host.cluster.relays.length > 1 && !willBeJoined(host, other, relay);
}

function between({ places }: CarriedClass, from: number, end: number): readonly number[] {
  return places.slice(firstAtLeast(places, from), firstAtLeast(places, end));
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
