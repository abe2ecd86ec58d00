import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EMPTY_LOCK, LOCK_VERSION, type Lock } from "../model/lock.js";
import type { Problem } from "../model/problem.js";
import { isObject, readJson } from "./json.js";
import { describeTwice, resolveLock } from "./merge/resolve.js";
import { findTwice } from "./merge/twice.js";
import { problemIn } from "./problems.js";

export interface LoadedLock {
  /** Empty where the file is missing or wrong. */
  readonly lock: Lock;
  readonly problems: readonly Problem[];
}

const REGENERATE = "restore the file from git; `meshflake generate` adds what is missing";

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

function* checkLock(file: string, value: unknown): Generator<Problem> {
  if (!isObject(value)) return yield problemIn("lock-syntax", file, [], "is not a JSON object", REGENERATE);
  if (value.version !== LOCK_VERSION) {
    const newer = typeof value.version === "number" && value.version > LOCK_VERSION;
    const message = `version ${JSON.stringify(value.version)} is not ${LOCK_VERSION}, the one that this meshflake reads`;
    return yield problemIn("lock-syntax", file, ["version"], message, newer ? "update meshflake" : REGENERATE);
  }
  yield* checkEntries(file, value, "hosts", ["mesh", "wireguard", "age"]);
  if (value.devices !== undefined) yield* checkEntries(file, value, "devices", ["mesh"]);
}

/** What there is has the right type. Everything may be missing, and is made anew then. */
function* checkEntries(
  file: string,
  lock: Readonly<Record<string, unknown>>,
  kind: "hosts" | "devices",
  texts: readonly string[],
): Generator<Problem> {
  const entries = lock[kind];
  if (!isObject(entries)) return yield problemIn("lock-syntax", file, [kind], "is not an object", REGENERATE);
  for (const [name, entry] of Object.entries(entries)) {
    const wrong = (path: string[], message: string) =>
      problemIn("lock-syntax", file, [kind, name, ...path], message, REGENERATE);
    if (!isObject(entry)) {
      yield wrong([], "is not an object");
      continue;
    }
    for (const text of texts) {
      if (entry[text] !== undefined && typeof entry[text] !== "string")
        yield wrong([text], text === "mesh" ? "is not an address" : "is not a text");
    }
    const facts = entry.facts ?? {};
    if (!isObject(facts)) yield wrong(["facts"], "is not an object");
    else {
      for (const family of ["ipv4", "ipv6"]) {
        const fact = facts[family];
        if (fact !== undefined && typeof fact !== "string") yield wrong(["facts", family], "is not an address");
      }
    }
  }
}
