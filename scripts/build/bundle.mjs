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

/** Programs that run inside of a lab, each with its source: its first process, what looks at it, what checks it, and what the checks start on hosts. */
const LAB_PROGRAMS = {
  "lab/supervisor": "lab/run/supervisor.ts",
  "lab/checks": "lab/checks/main.ts",
  "lab/observe": "lab/observe/main.ts",
  "lab/agent": "lab/checks/agent/main.ts",
};

/** One file each: they start many times, and load nothing late. */
function bundleLab() {
  const present = Object.entries(LAB_PROGRAMS).filter(([, source]) => existsSync(join(root, source)));
  return build({ ...common, entryPoints: Object.fromEntries(present), external: EXTERNAL, banner: { js: REQUIRE } });
}

/** Bundles the public API and, where they exist, the programs of the lab and the command line. */
export async function bundle() {
  const cli = existsSync(join(root, "cli/main.ts"));
  const [, , built] = await Promise.all([
    build({ ...common, entryPoints: { index: "generators/index.ts" } }),
    bundleLab(),
    cli &&
      build({
        ...common,
        entryPoints: { "cli/main": "cli/main.ts" },
        chunkNames: "chunks/[name]-[hash]",
        external: EXTERNAL,
        splitting: true,
        metafile: true,
        minifySyntax: true,
        minifyWhitespace: true,
        banner: { js: REQUIRE },
      }),
  ]);
  if (!built) return;
  writeLicences(Object.keys(built.metafile.inputs));
  removeOldChunks(Object.keys(built.metafile.outputs));
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
