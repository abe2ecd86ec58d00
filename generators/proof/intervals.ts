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
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly owner: Int32Array;
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
  const runs: number[] = [];
  const stack: { end: number; owner: number }[] = [];
  let place = 0;
  const emit = (to: number, owner: number) => {
    if (to > place) {
      const last = runs.length - 3;
      if (last >= 0 && runs[last + 1] === place && runs[last + 2] === owner) runs[last + 1] = to;
      else runs.push(place, to, owner);
      place = to;
    }
  };
  const close = (until: number) => {
    for (let top = stack.at(-1); top !== undefined && top.end <= until; top = stack.at(-1)) {
      emit(top.end, top.owner);
      stack.pop();
    }
  };
  for (const { prefix, owner } of sortClaims(claims)) {
    const from = placeOf(index, prefix.first);
    const end =
      prefix.first === prefix.last ? from + (index[from] === prefix.first ? 1 : 0) : placeOf(index, prefix.last + 1);
    if (end === from) continue;
    close(from);
    const top = stack.at(-1);
    if (top !== undefined) emit(from, top.owner);
    place = from;
    stack.push({ end, owner });
  }
  close(index.length);
  return toColumns(runs);
}

function toColumns(runs: readonly number[]): IntervalMap {
  const count = runs.length / 3;
  const [from, to, owner] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)];
  for (let i = 0; i < count; i++) {
    from[i] = runs[3 * i] ?? 0;
    to[i] = runs[3 * i + 1] ?? 0;
    owner[i] = runs[3 * i + 2] ?? 0;
  }
  return { from, to, owner };
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
