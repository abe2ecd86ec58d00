import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plugin } from "esbuild";

/** What evaluating a file with a problem of its own throws. */
const BROKEN = "meshflake.broken";

/** Whether an exception only says that an imported file has a problem, which is reported there. */
export function isBrokenImport(error: unknown): boolean {
  return error instanceof Error && error.message === BROKEN;
}

/** Makes files throw instead of what is in them. */
export function throwInstead(paths: readonly string[]): Plugin {
  const escaped = paths.map((path) => path.replace(/[^\w/]/g, "\\$&"));
  return {
    name: "broken files",
    setup(build) {
      // As a CommonJS module, since nobody knows its exports.
      const contents = `throw new Error(${JSON.stringify(BROKEN)}); module.exports = {};`;
      build.onLoad({ filter: new RegExp(`^(${escaped.join("|")})$`) }, () => ({ contents, loader: "js" }));
    },
  };
}

/** Gives `import.meta.url` and the like the meaning that they have outside of a bundle. */
export function resolveImportMeta(): Plugin {
  return {
    name: "import.meta",
    setup(build) {
      build.onLoad({ filter: /\.[cm]?[jt]s$/ }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        if (!text.includes("import.meta.")) return undefined;
        const contents = text
          .replaceAll("import.meta.url", () => JSON.stringify(pathToFileURL(path).href))
          .replaceAll("import.meta.dirname", () => JSON.stringify(dirname(path)))
          .replaceAll("import.meta.filename", () => JSON.stringify(path));
        return { contents, loader: path.endsWith("ts") ? "ts" : "js" };
      });
    },
  };
}
