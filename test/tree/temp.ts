/** Throw-away repositories for tests. */
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Makes a folder, hands it to `work`, and removes it. */
export async function withFolder(work: (root: string) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "meshflake-test-"));
  try {
    await work(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Writes a file and its folders. */
export function put(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** Every file below a folder with its content, folders as `null`; sorted. */
export function readTree(root: string, below = ""): Record<string, string | null> {
  const tree: Record<string, string | null> = {};
  for (const name of readdirSync(join(root, below)).sort()) {
    const path = below === "" ? name : `${below}/${name}`;
    const stats = lstatSync(join(root, path));
    if (stats.isDirectory()) Object.assign(tree, { [`${path}/`]: null }, readTree(root, path));
    else tree[path] = stats.isSymbolicLink() ? "(link)" : readFileSync(join(root, path), "utf8");
  }
  return tree;
}

/** Waits for a promise to fail with an error of the given class. @returns the error */
export async function failure<E extends Error>(
  work: Promise<unknown>,
  kind: abstract new (...args: never[]) => E,
): Promise<E> {
  let caught: unknown;
  try {
    await work;
  } catch (error) {
    caught = error;
  }
  if (caught instanceof kind) return caught;
  throw new Error(`expected a ${kind.name}, got ${String(caught)}`, { cause: caught });
}
