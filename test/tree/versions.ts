/** A small generated tree in a few versions, for tests. */
import type { RenderedFile } from "../../generators/render/types.js";

export const TREE = { manifestPath: "modules/hosts/.meshflake.json", generatedRoots: ["modules/hosts"] };

const HOSTS: readonly (readonly string[])[] = [[], ["ari", "cosmo"], ["cosmo", "miki"], ["ari", "cosmo", "ziggy"]];

/** The files of version 0 (none), 1, 2 or 3: hosts come and go, and each host's mesh names the others. */
export function treeOf(version: number): RenderedFile[] {
  const hosts = HOSTS[version] ?? [];
  const files = hosts.flatMap((host) => [
    { path: `modules/hosts/${host}/default.nix`, text: `{ networking.hostName = "${host}"; }\n` },
    { path: `modules/hosts/${host}/units/mesh.nix`, text: `{\n  peers = "${hosts.join(" ")}";\n}\n` },
  ]);
  return [...files, { path: "modules/hosts/default.nix", text: `{\n${hosts.join("\n")}\n}\n` }];
}
