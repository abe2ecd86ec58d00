import { SourceMap, type SourceMapPayload, syncBuiltinESMExports } from "node:module";
import type { Problem } from "../../model/problem.js";
import { PLATFORMS } from "../../model/vocabulary.js";
import { suggestName } from "../nearest.js";
import { FILE_START, type Position, problemAt } from "../problems.js";
import { type Bundle, bundleFiles } from "./bundle.js";
import { isBrokenImport } from "./bundle-plugins.js";

/** What files export, evaluated. */
export interface Evaluation {
  /** By file; files that failed are missing. */
  readonly exports: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly problems: readonly Problem[];
  /** Files that failed, by themselves or for a file that they import. */
  readonly failed: ReadonlySet<string>;
}

interface Outcome {
  readonly exports: Map<string, Readonly<Record<string, unknown>>>;
  readonly errors: Map<string, unknown>;
}

/** The bundle's name in stack traces. */
const SOURCE = "meshflake:hosts";

/**
 * Evaluates TypeScript and JavaScript files; one that fails does not keep the others from being read.
 * @param files relative to the repository, in the order in which they are evaluated
 */
export async function evaluateFiles(root: string, files: readonly string[]): Promise<Evaluation> {
  const bundle = await bundleFiles(root, files, false);
  const { exports, errors } = await run(bundle, files);
  const thrown = [...errors].filter(([, error]) => !isBrokenImport(error)).map(([file]) => file);
  return {
    exports,
    problems: [...bundle.problems, ...(thrown.length > 0 ? await explain(root, thrown) : [])],
    failed: new Set([...bundle.broken, ...errors.keys()]),
  };
}

async function run(bundle: Bundle, files: readonly string[]): Promise<Outcome> {
  const text = `${bundle.code}\n//# sourceURL=${SOURCE}\n`;
  const url = `data:text/javascript;base64,${Buffer.from(text).toString("base64")}`;
  const { load }: { load: readonly (() => Promise<Record<string, unknown>>)[] } = await import(url);
  const outcome: Outcome = { exports: new Map(), errors: new Map() };
  const allowExit = refuseExit();
  try {
    for (const [index, file] of files.entries()) {
      try {
        const exports = await load[index]?.();
        if (exports !== undefined) outcome.exports.set(file, exports);
      } catch (error) {
        outcome.errors.set(file, error);
      }
    }
  } finally {
    allowExit();
  }
  return outcome;
}

/**
 * Lets `process.exit` throw: a file that calls it would end the command without a word, as if all were well.
 * @returns what puts it back
 */
function refuseExit(): () => void {
  const { exit } = process;
  const replace = (by: typeof exit) => {
    process.exit = by;
    // For those who import it from node:process.
    syncBuiltinESMExports();
  };
  replace(() => {
    throw new Error("process.exit() would end the command that reads the file");
  });
  return () => replace(exit);
}

/** Evaluates files that threw once more, with a source map, and finds the line of each exception. */
async function explain(root: string, files: readonly string[]): Promise<Problem[]> {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 100;
  try {
    const bundle = await bundleFiles(root, files, true);
    const { errors } = await run(bundle, files);
    const map = bundle.map === null ? null : new SourceMap(JSON.parse(bundle.map) as SourceMapPayload);
    // A file that two hosts import throws the same exception for both.
    const firsts = [...new Map([...errors].reverse().map(([file, error]) => [error, file]))].reverse();
    return firsts.filter(([error]) => !isBrokenImport(error)).map(([error, file]) => toProblem(error, file, map));
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** What `defineFleet` returns beside its input. */
const BUILDERS = [...PLATFORMS, "environment"];

/** The bundler's name of what `./fleet` exports means nothing to people. */
function explainBuilder(error: unknown): { readonly message: string; readonly hint: string } | null {
  if (!(error instanceof TypeError)) return null;
  const [, name] = /\bfleet_default\d*\.(\w+) is not a function/.exec(error.message) ?? [];
  if (name === undefined) return null;
  return { message: `there is no builder \`${name}\``, hint: suggestName(name, BUILDERS) };
}

function toProblem(error: unknown, file: string, map: SourceMap | null): Problem {
  const place = map === null ? null : findOwnLine(error, map);
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const { message, hint } = explainBuilder(error) ?? {
    message: `throws ${text.split("\n")[0]}`,
    hint: "the file is run to read it; correct what it does there",
  };
  return problemAt("host-throws", place?.file ?? file, place?.at ?? FILE_START, message, hint);
}

/** The innermost frame in a file of the user's own: not a package's, and not meshflake's. */
function findOwnLine(error: unknown, map: SourceMap): { file: string; at: Position } | null {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const [, line, column] of stack.matchAll(/meshflake:hosts:(\d+):(\d+)/g)) {
    const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
    if (!("originalSource" in entry) || !isOwn(entry.originalSource)) continue;
    const at = { line: entry.originalLine + 1, column: entry.originalColumn + 1 };
    return { file: entry.originalSource, at };
  }
  return null;
}

function isOwn(source: string): boolean {
  return !source.startsWith("../") && !source.startsWith("<") && !source.includes("node_modules/");
}
