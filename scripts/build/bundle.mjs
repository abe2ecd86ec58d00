import { chmodSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "./files.mjs";
import { writeLicences } from "./licences.mjs";

/**
 * Stay packages of their own: they are large or bring a binary, and are only ever reached by `import()`.
 * Everything else is bundled, so that a command starts without looking through `node_modules`.
 */
const EXTERNAL = ["age-encryption", "esbuild", "ts-morph", "typescript"];

/** CommonJS packages inside an ES module still call `require` for Node's own modules. */
const REQUIRE = `import { createRequire as $createRequire } from "node:module"; const require = $createRequire(import.meta.url);`;

const common = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  legalComments: "none",
  logLevel: "warning",
  outdir: "dist",
};

/** Packages of the user's Pulumi project. */
const PULUMI = ["@pulumi/*", "@muhlba91/*"];

/** For programs that load parts of themselves late. */
const split = {
  ...common,
  chunkNames: "chunks/[name]-[hash]",
  splitting: true,
  metafile: true,
  minifySyntax: true,
  minifyWhitespace: true,
  banner: { js: REQUIRE },
};

/** Programs that run inside of a lab, each with its source: its first process, what checks it, what takes back what checks leave, what looks at it, and what the checks start on hosts. */
const LAB_PROGRAMS = {
  "lab/supervisor": "lab/run/supervisor.ts",
  "lab/checks": "lab/checks/main.ts",
  "lab/take-back": "lab/checks/remains/main.ts",
  "lab/observe": "lab/observe/main.ts",
  "lab/agent": "lab/checks/agent/main.ts",
};

/** One file each: they start many times, and load nothing late. */
function bundleLab() {
  return build({ ...common, entryPoints: LAB_PROGRAMS, external: EXTERNAL, banner: { js: REQUIRE } });
}

/** Bundles the public API, what a Pulumi program imports, the programs of the lab and, where it exists, the command line. */
export async function bundle() {
  const cli = existsSync(join(root, "cli/main.ts"));
  const [program, built] = await Promise.all([
    build({
      ...split,
      entryPoints: { "pulumi/index": "pulumi/api.ts", "pulumi/contabo": "pulumi/contabo/provider.ts" },
      external: [...EXTERNAL, ...PULUMI],
    }),
    cli && build({ ...split, entryPoints: { "cli/main": "cli/main.ts" }, external: EXTERNAL }),
    build({ ...common, entryPoints: { index: "generators/index.ts" } }),
    bundleLab(),
  ]);
  if (!built) return;
  const files = (kind) => [built, program].flatMap(({ metafile }) => Object.keys(metafile[kind]));
  writeLicences(files("inputs"));
  removeOldChunks(files("outputs"));
  const main = join(root, "dist/cli/main.js");
  if (!readFileSync(main, "utf8").startsWith("#!")) throw new Error("cli/main.ts needs a #! line");
  chmodSync(main, 0o755);
}

/** Only afterwards, so that a command that runs meanwhile still finds its chunks as long as they are current. */
function removeOldChunks(outputs) {
  for (const name of readdirSync(join(root, "dist/chunks"))) {
    if (!outputs.includes(`dist/chunks/${name}`)) rmSync(join(root, "dist/chunks", name));
  }
}
