import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mustSucceed, run } from "../../../lab/machine/command.js";

/** Programs of the tests that run where a lab's supervisor would: in namespaces of their own, which end with them. */

const NAMESPACES = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
const USER = ["--user", "--map-root-user"];
const TSX = fileURLToPath(import.meta.resolve("tsx"));

/**
 * Runs a program with a private folder as its argument.
 * @param file beside this one
 * @param rootless whether it gets a user namespace
 * @returns what it wrote to stdout, as JSON
 */
export async function runInside<Seen>(file: string, rootless: boolean): Promise<Seen> {
  const folder = mkdtempSync(join(tmpdir(), "meshflake-inside-"));
  const program = fileURLToPath(new URL(file, import.meta.url));
  const argv = [
    "unshare",
    ...(rootless ? USER : []),
    ...NAMESPACES,
    process.execPath,
    "--import",
    TSX,
    program,
    folder,
  ];
  try {
    const { stdout } = mustSucceed(file, await run(argv, { timeoutMs: 60_000 }));
    return JSON.parse(stdout) as Seen;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
