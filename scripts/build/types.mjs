import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root, unlessUnchanged } from "./files.mjs";

/** Declarations of the public API, for editors and for `check --types`. */
export async function declareTypes() {
  const model = readdirSync(join(root, "generators/model")).filter((name) => name.endsWith(".ts"));
  const inputs = [
    "generators/index.ts",
    "tsconfig.json",
    "tsconfig.build.json",
    ...model.map((name) => `generators/model/${name}`),
  ];
  await unlessUnchanged("types", inputs, ["dist/types/generators/index.d.ts"], () => {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
  });
}
