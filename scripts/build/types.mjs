import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { root, unlessUnchanged } from "./files.mjs";

/** Declarations of the public API and of `meshflake/pulumi`, for editors and for `check --types`. */
export async function declareTypes() {
  const sources = ["generators/model", "generators/plan", "pulumi"].flatMap(listSources);
  const inputs = ["generators/index.ts", "tsconfig.json", "tsconfig.build.json", ...sources];
  await unlessUnchanged("types", inputs, ["dist/types/generators/index.d.ts", "dist/types/pulumi/api.d.ts"], () => {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
  });
}

function listSources(folder) {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".ts"));
  return files.map((entry) => relative(root, join(entry.parentPath, entry.name)));
}
