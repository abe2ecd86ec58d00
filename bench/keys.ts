import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { measure, type Run } from "./measure.js";

/**
 * Times how long it takes to make and encrypt the secrets of a fleet with two admins, apart from everything else that
 * `generate` does.
 * @param folder an empty one, for the bundled program
 */
export async function timeKeys(hosts: number, folder: string): Promise<Run> {
  const outfile = join(folder, "make-keys.mjs");
  const entry = fileURLToPath(new URL("make-keys.ts", import.meta.url));
  await build({ entryPoints: [entry], bundle: true, platform: "node", format: "esm", outfile, logLevel: "error" });
  return measure([outfile, String(hosts)], { cwd: folder, runs: 3, warm: false });
}
