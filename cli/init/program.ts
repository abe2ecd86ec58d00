import type { RenderedFile } from "../../generators/render/types.js";

/** The Pulumi program of a new repository, in a workspace of its own: fleets without a machine at a provider delete it. */

/** What meshflake's own program, `pulumi/package.json`, depends on. */
export type ProgramVersions = Readonly<Record<string, string>>;

/** Where it is, and what the workspace is called in `package.json`. */
export const PROGRAM_FOLDER = "pulumi";

/** What every program needs. Cloudflare's package is for fleets with a zone there; all else is in meshflake's own bundle. */
const NEEDED = ["@muhlba91/pulumi-proxmoxve", "@pulumi/hcloud", "@pulumi/pulumi", "tsx"];

const INDEX = `import { deployFleet } from "meshflake/pulumi";

/** The machines of the fleet at their providers. Resources of your own may stand beside it. */
export default () => deployFleet();
`;

/** For editors: the fleet's own tsconfig.json covers host files alone, which need no Pulumi. */
const TSCONFIG = { extends: "../tsconfig.json", include: ["."] };

/**
 * @param name the repository's
 * @param versions of what meshflake's own program depends on; the very same are known to work together
 */
export function renderProgram(name: string, versions: ProgramVersions): RenderedFile[] {
  const dependencies = Object.fromEntries(NEEDED.map((needed) => [needed, versionOf(needed, versions)]));
  const manifest = { name: `${name}-pulumi`, private: true, type: "module", dependencies };
  return [
    { path: `${PROGRAM_FOLDER}/index.ts`, text: INDEX },
    { path: `${PROGRAM_FOLDER}/package.json`, text: `${JSON.stringify(manifest, null, 2)}\n` },
    { path: `${PROGRAM_FOLDER}/tsconfig.json`, text: `${JSON.stringify(TSCONFIG, null, 2)}\n` },
  ];
}

function versionOf(needed: string, { [needed]: version }: ProgramVersions): string {
  if (version === undefined) throw new Error(`meshflake's own program names no ${needed}`);
  return version;
}
