import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EMPTY_LOCK, type Lock } from "../model/lock.js";
import type { Problem } from "../model/problem.js";
import { readJson } from "./json.js";
import { checkLock } from "./lock-shape.js";
import { describeTwice, resolveLock } from "./merge/resolve.js";
import { findTwice } from "./merge/twice.js";

export interface LoadedLock {
  /** Empty where the file is missing or wrong. */
  readonly lock: Lock;
  readonly problems: readonly Problem[];
}

/**
 * Reads a lock and checks its shape.
 * @param file relative to the repository
 */
export async function loadLock(root: string, file: string): Promise<LoadedLock> {
  if (!existsSync(join(root, file))) return { lock: EMPTY_LOCK, problems: [] };
  const text = readFileSync(join(root, file), "utf8");
  const resolved = resolveLock(root, file, text);
  if (resolved !== null && !("value" in resolved)) return { lock: EMPTY_LOCK, problems: resolved.problems };
  const result = resolved ?? (await readJson(root, file, "lock-syntax"));
  if ("problem" in result) return { lock: EMPTY_LOCK, problems: [result.problem] };
  const problems = [
    ...(resolved === null ? checkTwice(file, text, result.value) : []),
    ...checkLock(file, result.value),
  ];
  if (problems.length > 0) return { lock: EMPTY_LOCK, problems };
  return { lock: result.value as Lock, problems: resolved?.problems ?? [] };
}

function* checkTwice(file: string, text: string, value: unknown): Generator<Problem> {
  const twice = findTwice(text, value);
  if (twice !== null) yield describeTwice(file, twice);
}
