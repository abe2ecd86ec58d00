import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { suite } from "uvu";
import * as assert from "uvu/assert";

/** What an editor accepts and rejects in host files. */

const root = fileURLToPath(new URL("../..", import.meta.url));
const fixtures = join(root, "test/types/fixtures");

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  noEmit: true,
  types: [],
  baseUrl: root,
  paths: { meshflake: ["generators/index.ts"] },
};

const parsed = new Map<string, ts.SourceFile | undefined>();

/** A host that parses TypeScript's own library once for all programs. */
function createHost(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile;
  host.getSourceFile = (name, ...others) => {
    if (!parsed.has(name)) parsed.set(name, read(name, ...others));
    return parsed.get(name);
  };
  return host;
}

/** Compiles files of the fixtures. @returns `FILE:LINE TSCODE` of each error */
function compile(files: readonly string[], options: ts.CompilerOptions = OPTIONS): string[] {
  const program = ts.createProgram(
    files.map((file) => join(fixtures, file)),
    options,
    createHost(options),
  );
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, code, messageText }) => {
    if (file === undefined) return ts.flattenDiagnosticMessageText(messageText, "\n");
    return `${relative(fixtures, file.fileName)}:${file.getLineAndCharacterOfPosition(start).line + 1} TS${code}`;
  });
}

const filesOf = (folder: string) => readdirSync(join(fixtures, folder)).map((name) => `${folder}/${name}`);

const test = suite("types");

test("right host files compile, with and without known host names", () => {
  assert.equal(compile(["names.d.ts", ...filesOf("good")]), []);
  assert.equal(compile(filesOf("good")), []);
});

// An expected error that does not come is an error itself (TS2578).
test("every mistake is rejected, and nothing else", () => assert.equal(compile(["names.d.ts", ...filesOf("bad")]), []));

test("control: a mistake that nobody expects fails", () => {
  assert.equal(compile(["names.d.ts", "control.ts"]), ["control.ts:4 TS2820"]);
});

test("control: an expected error that does not come fails", () => {
  // Any host is a relay as long as no name is known.
  assert.equal(compile(["bad/fleet.ts"]), ["bad/fleet.ts:17 TS2578", "bad/fleet.ts:20 TS2578"]);
});

test("the built declarations say the same", () => {
  const options = { ...OPTIONS, paths: { meshflake: ["dist/types/generators/index.d.ts"] } };
  assert.equal(compile(["names.d.ts", ...filesOf("good"), ...filesOf("bad")], options), []);
});

test.run();
