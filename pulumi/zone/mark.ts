import type { CloudView } from "../plan/types.js";

/** The comment of a stack's records at Cloudflare, which has labels in paid plans alone: who made them, for people and for the program. */
export function commentOf({ prefix }: Pick<CloudView, "prefix">): string {
  return `meshflake: ${prefix}`;
}
