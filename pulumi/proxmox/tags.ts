import type { CloudView, MachineView } from "../plan/types.js";

/** Tags of guests: who made what, for people in Proxmox's interface, and for the program when it finds a guest. */

const MARK = "meshflake";

/** Sorted and in lower case, as Proxmox keeps them. */
export function tagsOf({ prefix }: Pick<CloudView, "prefix">, { cluster }: Pick<MachineView, "cluster">): string[] {
  return [...new Set([MARK, prefix.toLowerCase(), cluster.toLowerCase()])].sort();
}

/** Whether this stack made a guest, and not a person or another stack. */
export function isOurs({ prefix }: Pick<CloudView, "prefix">, tags: readonly string[]): boolean {
  return tags.includes(MARK) && tags.includes(prefix.toLowerCase());
}
