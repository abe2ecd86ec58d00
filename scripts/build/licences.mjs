import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, writeFile } from "./files.mjs";

/**
 * Writes the licences of the packages that ended up inside the bundle, which their authors ask for.
 * @param inputs the bundled files, relative to the project
 * @throws Error where a package names no licence
 */
export function writeLicences(inputs) {
  const folders = new Set(inputs.flatMap((path) => /^(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (license === undefined) throw new Error(`${name} names no licence`);
    // A package that ships no text has named the licence all the same.
    const text = file === undefined ? "" : `\n${readFileSync(join(root, folder, file), "utf8").trim()}\n`;
    return `${name} ${version} (${license})\n${text}`;
  });
  writeFile("dist/THIRD-PARTY-LICENSES.txt", texts.join(`\n${"-".repeat(78)}\n\n`));
}
