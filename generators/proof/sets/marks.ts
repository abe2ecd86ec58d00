/** Counts marks by place, in logarithmic time (a Fenwick tree). */
export class Marks {
  private readonly tree: Int32Array;
  private readonly top: number;
  private total = 0;

  constructor(private readonly size: number) {
    this.tree = new Int32Array(size + 1);
    this.top = size === 0 ? 0 : 2 ** Math.floor(Math.log2(size));
  }

  /** Adds `count` marks, which may be negative, to a place. */
  add(place: number, count: number): void {
    this.total += count;
    for (let i = place + 1; i <= this.size; i += i & -i) this.tree[i] = (this.tree[i] ?? 0) + count;
  }

  /** How many marks lie before a place. */
  private before(place: number): number {
    let sum = 0;
    for (let i = place; i > 0; i -= i & -i) sum += this.tree[i] ?? 0;
    return sum;
  }

  /** The first marked place at or after `place`; the size where there is none. */
  next(place: number): number {
    if (this.total === 0) return this.size;
    let rest = this.before(place);
    if (rest === this.total) return this.size;
    let at = 0;
    for (let step = this.top; step > 0; step >>= 1) {
      const sum = this.tree[at + step];
      if (at + step <= this.size && sum !== undefined && sum <= rest) {
        at += step;
        rest -= sum;
      }
    }
    return at;
  }
}
