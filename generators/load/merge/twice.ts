import type { Problem } from "../../model/problem.js";
import { problemAt } from "../problems.js";

/** Keys that stand twice in a JSON object: `JSON.parse` takes the last one, and says nothing. */

export interface TwiceKey {
  readonly path: readonly string[];
  /** The second one's, 1-based. */
  readonly line: number;
}

const SPACE = /\s+/g;
const TOKEN = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]|\n/g;

interface Level {
  readonly keys: Set<string>;
  /** The key whose value is being read. */
  key: string;
}

/**
 * Finds a key that stands twice. Git merges without a conflict what two branches put beside a block that one of them removed.
 * @param text JSON that can be parsed
 * @param value what it says
 */
export function findTwice(text: string, value: unknown): TwiceKey | null {
  // Without white space, what has the same length has lost nothing. Faster than looking, and nearly always so.
  if (JSON.stringify(value).replace(SPACE, "").length === text.replace(SPACE, "").length) return null;
  const levels: Level[] = [];
  let line = 1;
  for (const [token, colon] of text.matchAll(TOKEN)) {
    const level = levels.at(-1);
    if (token === "\n") line++;
    else if (token === "{" || token === "[") levels.push({ keys: new Set(), key: "" });
    else if (token === "}" || token === "]") levels.pop();
    else if (colon !== undefined && level !== undefined) {
      level.key = String(JSON.parse(token.slice(0, -colon.length)));
      if (level.keys.has(level.key)) return { path: levels.map(({ key }) => key), line };
      level.keys.add(level.key);
    }
  }
  return null;
}

/** A key that git merged twice. */
export function describeTwice(file: string, { path, line }: TwiceKey): Problem {
  const message = `${path.join(".")} is there twice, as git leaves it where both branches added it`;
  const hint = `keep one of the two, the one whose files in secrets/ you keep`;
  return problemAt("duplicate-key", file, { line, column: 1 }, message, hint);
}
