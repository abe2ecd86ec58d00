import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { formatRules } from "./docs/rules.js";

/**
 * Writes docs/rules.md: every rule, with an example that its fixture expects. `--check` writes nothing and exits with 3 where
 * the file is not up to date.
 */
const file = fileURLToPath(new URL("../docs/rules.md", import.meta.url));
const text = formatRules();
if (!process.argv.includes("--check")) writeFileSync(file, text);
else if (readFileSync(file, "utf8") !== text) {
  console.error("docs/rules.md is not up to date: run npm run docs");
  process.exitCode = 3;
}
