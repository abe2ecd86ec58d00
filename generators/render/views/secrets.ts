import type { NixTree } from "../../model/input.js";
import type { HostPlan } from "../../plan/types.js";
import { printPath } from "../nix-text.js";

/** The host's age identity: the only secret that travels to a host by itself. */
export const IDENTITY_FILE = "/etc/meshflake/identity";

/**
 * agenix's part: option tree from the root.
 * @param up the path from the host's folder to the repository, e.g. `../../..`
 */
export function viewSecrets({ secrets }: HostPlan, up: string): NixTree {
  const entries = secrets.flatMap(({ name, file, owner }) =>
    file === null ? [] : [[name, { file: { $nix: printPath(up, file) }, ...(owner !== "root" && { owner }) }] as const],
  );
  return {
    age: {
      identityPaths: [IDENTITY_FILE],
      ...(entries.length > 0 && { secrets: Object.fromEntries(entries) as NixTree }),
    },
  };
}
