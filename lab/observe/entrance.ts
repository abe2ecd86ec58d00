/** A host that can be entered: it is up, and this is its first process. */
export interface Entrance {
  readonly name: string;
  readonly pid: number;
}
