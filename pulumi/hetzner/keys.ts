import type { CloudView } from "../plan/types.js";
import type { Inventory } from "./inventory.js";
import { isOurs } from "./labels.js";

/**
 * A key that somebody else brought: a project knows a key once, and it is used as it is.
 * @param publicKey without its comment
 */
export function findForeignKey(
  view: Pick<CloudView, "prefix">,
  { sshKeys }: Pick<Inventory, "sshKeys">,
  publicKey: string,
): Inventory["sshKeys"][number] | undefined {
  const known = sshKeys.find((key) => key.publicKey.split(/\s+/).slice(0, 2).join(" ") === publicKey);
  return known === undefined || isOurs(view, known.labels) ? undefined : known;
}
