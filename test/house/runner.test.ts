import { execFile } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cleanEnv, makeFolder, PACKAGE } from "../cli/process.js";

/** What the scripts that run tests make of files that fail, fail by chance, say nothing, or cannot be tried. */

const house = suite("house: the test runner");

const HEAD = [
  'import { existsSync, writeFileSync } from "node:fs";',
  'import { suite } from "uvu";',
  'import * as assert from "uvu/assert";',
  'const own = suite("own");\n',
].join("\n");
const END = "own.run();\n";

const FILES = {
  good: `${HEAD}own("good", () => assert.ok(true));\nown("as well", () => assert.ok(true));\n${END}`,
  /** Fails the first time alone. */
  chance: `${HEAD}own("chance", () => {
  const again = existsSync("tried");
  writeFileSync("tried", "");
  assert.ok(again);
});\nown("good", () => assert.ok(true));\n${END}`,
  bad: `${HEAD}own("good", () => assert.ok(true));\nown("bad", () => assert.ok(false));\n${END}`,
  final: `${HEAD}own("final", () => {
  console.log("never tried again: a write is read back; seen nothing");
  assert.ok(false);
});\n${END}`,
  silent: `${HEAD}own("good", () => assert.ok(true));\n`,
  /** Passes, and ends the process while the next file runs. */
  late: `${HEAD}own("good", () => void setTimeout(() => process.exit(1), 100));\n${END}`,
  slow: `${HEAD}own("slow", () => new Promise((resolve) => setTimeout(resolve, 1_000)));\n${END}`,
  breaks: `${HEAD}process.exit(0);\n`,
  throws: `${HEAD}throw new Error("before any test");\n`,
  untried: `${HEAD}own("untried", () => console.log("not tried: no such machine"));\n${END}`,
} as const;
type Name = keyof typeof FILES;

const RUN = join(PACKAGE, "scripts/test/run.mjs");

/** Runs test files in a folder of their own. */
function runFiles(
  names: readonly Name[],
  how: "runOneByOne" | "runTogether",
  options: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly code: number; readonly said: string; readonly last: string }> {
  const root = makeFolder();
  symlinkSync(join(PACKAGE, "node_modules"), join(root, "node_modules"));
  writeFileSync(join(root, "package.json"), '{ "type": "module" }\n');
  const files = names.map((name) => `test/real/${name}.test.ts`);
  for (const [index, file] of files.entries()) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), FILES[names[index] ?? "good"]);
  }
  const call = JSON.stringify({ root, files, ...options });
  const script = `import { ${how} } from ${JSON.stringify(RUN)};\nprocess.exitCode = await ${how}(${call});`;
  return new Promise((resolve) => {
    const argv = ["--input-type=module", "-e", script];
    execFile(process.execPath, argv, { env: cleanEnv(), cwd: root }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code);
      resolve({ code, said: stdout + stderr, last: stdout.trimEnd().split("\n").at(-1) ?? "" });
    });
  });
}

house("a file that fails once is tried once more, and the second time counts", async () => {
  const { code, said, last } = await runFiles(["chance", "good"], "runOneByOne");
  assert.is(code, 0, said);
  assert.is(last, "4 passed, 0 failed, 0 skipped");
  assert.match(said, /^test\/real\/chance\.test\.ts failed, tried once more$/m);
  assert.match(said, /^test\/real\/chance\.test\.ts passed the second time$/m);
  assert.match(said, /^tried twice: test\/real\/chance\.test\.ts$/m);
  assert.not.match(said, /good\.test\.ts failed/);
});

house("a file that fails twice fails", async () => {
  const { code, said, last } = await runFiles(["bad", "good"], "runOneByOne");
  assert.is(code, 1);
  assert.is(last, "3 passed, 1 failed, 0 skipped");
  assert.match(said, /^test\/real\/bad\.test\.ts failed twice$/m);
});

house("a failure that must not happen even once is final", async () => {
  const { code, said, last } = await runFiles(["final", "good"], "runOneByOne");
  assert.is(code, 1);
  assert.is(last, "2 passed, 1 failed, 0 skipped");
  assert.not.match(said, /once more/);
});

house("a file that says nothing, ends early or breaks has failed", async () => {
  const names = ["silent", "breaks", "throws"] as const;
  const { code, said, last } = await runFiles([...names, "good"], "runOneByOne");
  assert.is(code, 1);
  assert.is(last, "2 passed, 3 failed, 0 skipped", said);
  for (const name of names) assert.match(said, new RegExp(`^test/real/${name}\\.test\\.ts failed twice$`, "m"));
});

house("what cannot be tried is skipped, and a failure only where everything is to be tried", async () => {
  const { code, said, last } = await runFiles(["untried", "good"], "runOneByOne");
  assert.is(code, 0);
  assert.is(last, "2 passed, 0 failed, 1 skipped");
  assert.not.match(said, /tried once more/);
  assert.is((await runFiles(["untried", "good"], "runOneByOne", { complete: true })).code, 1);
});

house("files that run together are tried once, and each has to say something", async () => {
  const [good, chance, silent, strict] = await Promise.all([
    runFiles(["untried", "good"], "runTogether"),
    runFiles(["chance", "good"], "runTogether"),
    runFiles(["silent", "good"], "runTogether"),
    runFiles(["untried", "good"], "runTogether", { strict: true }),
  ]);
  assert.is(good.code, 0);
  assert.is(good.last, "3 passed, 0 failed, 0 skipped");
  assert.is(chance.code, 1);
  assert.is(chance.last, "3 passed, 1 failed, 0 skipped");
  assert.is(silent.code, 1);
  assert.match(silent.said, /only 1 of 2 test files reported: test\/real\/silent\.test\.ts/);
  assert.is(strict.code, 1);
});

house(
  "all together: with `again`, files that failed are run once more, each alone, and the others count as they were",
  async () => {
    const chance = await runFiles(["chance", "good"], "runTogether", { again: true });
    assert.is(chance.code, 0, chance.said);
    assert.is(chance.last, "4 passed, 0 failed, 0 skipped");
    assert.match(chance.said, /^tried once more: test\/real\/chance\.test\.ts$/m);
    const bad = await runFiles(["bad", "chance", "good"], "runTogether", { again: true });
    assert.is(bad.code, 1);
    assert.is(bad.last, "5 passed, 1 failed, 0 skipped");
    const crash = await runFiles(["late", "slow"], "runTogether", { again: true });
    assert.is(crash.code, 1, crash.said);
    assert.match(crash.last, /^2 passed, 1 failed, 0 skipped$/, crash.said);
    for (const name of ["silent", "final"] as const) {
      const { code, said, last } = await runFiles([name, "good"], "runTogether", { again: true });
      assert.is(code, 1, said);
      assert.match(last, /^2 passed, 1 failed, 0 skipped$/, said);
    }
  },
);

house.run();
