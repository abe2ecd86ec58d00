import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Problem } from "../model/problem.js";
import { loadEsbuild } from "./bundle/late.js";
import { FILE_START, type LoadCode, type Position, problemAt } from "./problems.js";

export type JsonResult = { readonly value: unknown } | { readonly problem: Problem };

/** Reads a JSON file. A `$schema` key, which editors want, is not part of the value. */
export async function readJson(root: string, file: string, code: LoadCode): Promise<JsonResult> {
  return parseJson(file, readFileSync(join(root, file), "utf8"), code);
}

/** The same of a text. @param file where it is from, relative to the repository */
export async function parseJson(file: string, source: string, code: LoadCode): Promise<JsonResult> {
  const text = source.replace(/^\uFEFF/, "");
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value) || !("$schema" in value)) return { value };
    const { $schema: _, ...rest } = value;
    return { value: rest };
  } catch {
    const { at, message } = await findJsonError(text);
    return {
      problem: problemAt(code, file, at, `is not JSON: ${message}`, "correct the syntax; JSON has no comments"),
    };
  }
}

/** Whether a value has fields. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `JSON.parse` does not always say where; esbuild, which is there anyway, does. */
async function findJsonError(text: string): Promise<{ at: Position; message: string }> {
  const { transform } = loadEsbuild();
  try {
    await transform(text, { loader: "json", logLevel: "silent" });
  } catch (error) {
    const [first] = error instanceof Error && "errors" in error && Array.isArray(error.errors) ? error.errors : [];
    if (first?.location) {
      const at = { line: first.location.line, column: first.location.column + 1 };
      return { at, message: first.text };
    }
  }
  return { at: FILE_START, message: "it cannot be parsed" };
}
