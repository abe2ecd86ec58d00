import type { Prefix } from "./prefixes.js";

/**
 * Destinations as intervals. All mesh addresses of a cluster are sorted once; a set of hosts is then a list of intervals
 * of places in that order, and a table of longest prefixes is a list of disjoint intervals, each with its winner.
 */

/** Sorted mesh addresses of a cluster. */
export type AddressIndex = Float64Array;

/** The first place whose address is at least `address`. */
export function placeOf(index: AddressIndex, address: number): number {
  let low = 0;
  let high = index.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((index[middle] ?? 0) < address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Something that owns the addresses of a prefix, unless a longer one does. */
export interface Claim {
  readonly prefix: Prefix;
  /** A number from 0 for the owner. */
  readonly owner: number;
  /** Of two claims for the same prefix, the one with the higher rank wins; then the later one. */
  readonly rank: number;
}

/** Disjoint intervals `[from, to)` of places in ascending order, each with its owner. */
export interface IntervalMap {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly owner: readonly number[];
}

function inOrder(a: Claim, b: Claim): number {
  return a.prefix.first - b.prefix.first || a.prefix.length - b.prefix.length || a.rank - b.rank;
}

function sortClaims(claims: Claim[]): Claim[] {
  for (let i = 1; i < claims.length; i++) {
    const before = claims[i - 1];
    const claim = claims[i];
    if (before !== undefined && claim !== undefined && inOrder(before, claim) > 0) return claims.sort(inOrder);
  }
  return claims;
}

/**
 * Decides every place by its longest prefix.
 * @param claims sorted in place
 */
export function buildIntervalMap(claims: Claim[], index: AddressIndex): IntervalMap {
  const runs = new Runs();
  const stack: { end: number; owner: number }[] = [];
  const close = (until: number) => {
    for (let top = stack.at(-1); top !== undefined && top.end <= until; top = stack.at(-1)) {
      runs.extend(top.end, top.owner);
      stack.pop();
    }
  };
  for (const { prefix, owner } of sortClaims(claims)) {
    const { first, last } = prefix;
    const from = placeOf(index, first);
    const end = first === last ? from + (index[from] === first ? 1 : 0) : placeOf(index, last + 1);
    if (end === from) continue;
    close(from);
    const top = stack.at(-1);
    if (top !== undefined) runs.extend(from, top.owner);
    runs.place = from;
    stack.push({ end, owner });
  }
  close(index.length);
  return runs;
}

/** Intervals that grow from left to right; neighbours of one owner become one. */
class Runs implements IntervalMap {
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly owner: number[] = [];
  /** Where the next interval begins. */
  place = 0;

  extend(to: number, owner: number): void {
    if (to <= this.place) return;
    const last = this.to.length - 1;
    if (this.to[last] === this.place && this.owner[last] === owner) this.to[last] = to;
    else {
      this.from.push(this.place);
      this.to.push(to);
      this.owner.push(owner);
    }
    this.place = to;
  }
}

/** The first interval that ends after `place`. */
export function intervalAfter(map: IntervalMap, place: number): number {
  const { to } = map;
  let low = 0;
  let high = to.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((to[middle] ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Who owns a place; -1 where nobody does. */
export function ownerOf(map: IntervalMap, place: number): number {
  const i = intervalAfter(map, place);
  return (map.from[i] ?? Infinity) <= place ? (map.owner[i] ?? -1) : -1;
}
