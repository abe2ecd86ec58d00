import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { BuildFailure, BuildOptions, Message, Plugin } from "esbuild";
import type { Problem } from "../../model/problem.js";
import { packageEntry } from "../package.js";
import { FILE_START, type Position, problemAt } from "../problems.js";
import { resolveImportMeta, throwInstead } from "./bundle-plugins.js";
import { loadEsbuild } from "./late.js";

/** Host files as one bundle in memory. */

export interface Bundle {
  readonly code: string;
  /** Version 3 source map as JSON; only where it was asked for. */
  readonly map: string | null;
  /** What kept files from being part of it. */
  readonly problems: readonly Problem[];
  /** Files with a problem: they throw instead, so that the files that import them are known too. */
  readonly broken: ReadonlySet<string>;
}

/**
 * Bundles files into one ES module that exports `load`: for each file, in order, a function that evaluates it. Files with
 * syntax errors or unknown imports become problems; the others stay.
 * @param files relative to the repository
 */
export async function bundleFiles(root: string, files: readonly string[], sourcemap: boolean): Promise<Bundle> {
  const problems: Problem[] = [];
  const broken = new Set<string>();
  for (;;) {
    const result = await build(root, files, broken, sourcemap);
    if (!("errors" in result)) {
      problems.push(...result.warnings.flatMap((warning) => toDuplicate(warning) ?? []));
      return { code: result.code, map: result.map, problems, broken };
    }
    const known = broken.size;
    for (const message of result.errors) {
      const file = message.location?.file ?? files[0] ?? "";
      broken.add(file);
      if (!files.includes(MISSING_DEFAULT.exec(message.text)?.[1] ?? "")) problems.push(toProblem(message, file));
    }
    // Every turn breaks one more file, or else it would go on for ever.
    if (broken.size === known) return { code: "export const load = []", map: null, problems, broken };
  }
}

/** Said of the module that imports it. Where that is a file of the fleet, its own problem says so. */
const MISSING_DEFAULT = /^No matching export in "(.+)" for import "default"$/;

function toProblem(message: Message, file: string): Problem {
  const at = toPosition(message);
  const unresolved = /^Could not resolve "(.+)"/.exec(message.text)?.[1];
  if (unresolved !== undefined) {
    const hint = /^\.{0,2}\//.test(unresolved)
      ? "check the path; it starts at this file"
      : `run \`npm install ${unresolved}\``;
    return problemAt("import", file, at, `cannot find the module \`${unresolved}\``, hint);
  }
  const unexported = /^No matching export in "(.+)" for import "(.+)"$/.exec(message.text);
  if (unexported !== null) {
    const text = `\`${unexported[1]}\` does not export \`${unexported[2]}\``;
    return problemAt("import", file, at, text, "export it there, or correct the name");
  }
  return problemAt("syntax", file, at, message.text, "correct the syntax; the mistake may be just before this place");
}

/** A key that an object has twice: the first value is lost without a word. Other warnings are about style. */
function toDuplicate(warning: Message): Problem | null {
  const { id, text, location } = warning;
  const isOwn = location !== null && !location.file.startsWith("../") && !location.file.includes("node_modules/");
  if (id !== "duplicate-object-key" || !isOwn) return null;
  const key = /^Duplicate key (.+) in object literal$/.exec(text)?.[1] ?? "a key";
  const message = `${key} is there twice, and the first one is lost`;
  return problemAt("duplicate-key", location.file, toPosition(warning), message, "keep one of them");
}

/** esbuild counts columns from 0 and in bytes of UTF-8. */
function toPosition({ location }: Message): Position {
  if (location === null) return FILE_START;
  const before = Buffer.from(location.lineText).subarray(0, location.column).toString();
  return { line: location.line, column: before.length + 1 };
}

type Built = { readonly code: string; readonly map: string | null; readonly warnings: readonly Message[] };

async function build(root: string, files: readonly string[], broken: ReadonlySet<string>, sourcemap: boolean) {
  const esbuild = loadEsbuild();
  const plugins = broken.size === 0 ? [] : [throwInstead([...broken].map((file) => join(root, file)))];
  const run = async (more: readonly Plugin[]) => {
    const options = toOptions(root, files, sourcemap);
    const { outputFiles, warnings } = await esbuild.build({ ...options, plugins: [...plugins, ...more] });
    const textOf = (suffix: string) => outputFiles.find(({ path }) => path.endsWith(suffix))?.text;
    return { code: textOf(".mjs") ?? "", map: textOf(".map") ?? null, warnings } satisfies Built;
  };
  try {
    const built = await run([]);
    // Rare, and each file has to come by here for it.
    return built.code.includes("import.meta.") ? await run([resolveImportMeta()]) : built;
  } catch (error) {
    if (error instanceof Error && "errors" in error) return { errors: (error as BuildFailure).errors };
    throw error;
  }
}

function toOptions(root: string, files: readonly string[], sourcemap: boolean) {
  const loads = files.map((file) => `() => import(${JSON.stringify(`./${file}`)})`);
  return {
    stdin: { contents: `export const load = [${loads.join(",\n")}];`, resolveDir: root },
    absWorkingDir: root,
    outfile: join(root, "hosts.mjs"),
    write: false,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    alias: { meshflake: packageEntry },
    // A host file may print while it is being written; stdout belongs to the command's result.
    define: { "console.log": "console.error", "console.info": "console.error" },
    banner: { js: REQUIRE.replace("ROOT", () => pathToFileURL(join(root, "hosts/")).href) },
    sourcemap: sourcemap ? "external" : false,
    sourcesContent: false,
    tsconfigRaw: "{}",
    logLevel: "silent",
    logLimit: 0,
  } satisfies BuildOptions & { write: false };
}

/** For CommonJS packages, which `require` Node's own modules. */
const REQUIRE = `import { createRequire as $createRequire } from "node:module"; const require = $createRequire("ROOT");`;
