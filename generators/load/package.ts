import { existsSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

function findRoot(): string {
  for (let folder = here; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json")) || folder === dirname(folder)) return folder;
  }
}

/** The folder of the meshflake package that is running. */
export const packageRoot = findRoot();

const built = here.startsWith(join(packageRoot, "dist") + sep);

/** What `import "meshflake"` means in a host file: the package that is running, built or as sources. */
export const packageEntry = join(packageRoot, built ? "dist/index.js" : "generators/index.ts");

/** Its declarations. */
export const packageTypes = join(packageRoot, built ? "dist/types/generators/index.d.ts" : "generators/index.ts");
