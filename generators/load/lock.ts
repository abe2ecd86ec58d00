import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EMPTY_LOCK, LOCK_VERSION, type Lock } from "../model/lock.js";
import type { Problem } from "../model/problem.js";
import { isObject, readJson } from "./json.js";
import { problemAt, problemIn } from "./problems.js";

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
  const conflict = findConflict(file, readFileSync(join(root, file), "utf8"));
  if (conflict !== null) return { lock: EMPTY_LOCK, problems: [conflict] };
  const result = await readJson(root, file, "lock-syntax");
  if ("problem" in result) return { lock: EMPTY_LOCK, problems: [result.problem] };
  const problems = [...checkLock(file, result.value)];
  return problems.length > 0 ? { lock: EMPTY_LOCK, problems } : { lock: result.value as Lock, problems };
}

function findConflict(file: string, text: string): Problem | null {
  const lines: number[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (/^(<{7}|\|{7}|={7}|>{7})( |\r?$)/.test(line)) lines.push(index + 1);
  }
  const [line] = lines;
  if (line === undefined) return null;
  const message = `has conflict markers in ${lines.length === 1 ? "line" : "lines"} ${lines.join(", ")}`;
  const hint =
    "keep the blocks of both sides: delete the marker lines, close each block with `}`, put one comma between two of them, and run `meshflake generate`";
  return problemAt("lock-syntax", file, { line, column: 1 }, message, hint);
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
