import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withPrivateFolder } from "../../cli/private-folder/private-folder.js";
import { makeFolder, PACKAGE } from "./process.js";
import { makeRuntimeFolder } from "./secrets/fleet.js";

const folders = suite("cli: private folders");

folders("it is in memory, for one person alone, and gone afterwards", async () => {
  const notes: string[] = [];
  const base = makeRuntimeFolder();
  let seen = "";
  const note = (text: string) => notes.push(text);
  const work = withPrivateFolder(
    { note },
    "install",
    async (folder) => {
      seen = folder;
      assert.is(dirname(folder), base);
      assert.is(statSync(folder).mode & 0o777, 0o700);
      throw new Error("it fails");
    },
    [base],
  );
  assert.match(await work.catch(String), "it fails");
  assert.is(existsSync(seen), false);
  assert.equal(notes, []);
});

folders("a machine without memory for it is warned of", async () => {
  const notes: string[] = [];
  const note = (text: string) => notes.push(text);
  const onDisk = await withPrivateFolder({ note }, "edit", async (folder) => existsSync(folder), ["/proc"]);
  assert.is(onDisk, true);
  const tmpIsMemory = spawnSync("stat", ["-f", "-c", "%T", process.env.TMPDIR ?? "/tmp"]).stdout.toString();
  assert.is(notes.length, /tmpfs|ramfs/.test(tmpIsMemory) ? 0 : 1);
  if (notes.length > 0) assert.match(notes[0] ?? "", /no file system in memory/);
});

folders("what a killed run left goes with the next one, whatever it was for", async () => {
  const base = makeRuntimeFolder();
  const script = join(makeFolder(), "killed.mts");
  const module = JSON.stringify(join(PACKAGE, "cli/private-folder/private-folder.ts"));
  writeFileSync(
    script,
    `import { withPrivateFolder } from ${module};
await withPrivateFolder({ note() {} }, "install", async () => process.kill(process.pid, process.argv[2]) && new Promise((r) => setTimeout(r, 5000)));
`,
  );
  const env = { ...process.env, XDG_RUNTIME_DIR: base };
  const run = (signal: string) =>
    spawnSync(process.execPath, ["--import", "tsx", script, signal], { env, cwd: PACKAGE, encoding: "utf8" });
  assert.is(run("SIGTERM").signal, "SIGTERM");
  assert.equal(readdirSync(base), []);
  assert.is(run("SIGKILL").signal, "SIGKILL");
  assert.is(readdirSync(base).length, 1);
  mkdirSync(join(base, "meshflake-install-of-somebody"));
  assert.is(run("SIGTERM").signal, "SIGTERM");
  assert.equal(readdirSync(base), ["meshflake-install-of-somebody"]);
});

folders.run();
