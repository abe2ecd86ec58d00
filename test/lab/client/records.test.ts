import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { labFolder, labsFolder } from "../../../lab/client/folders.js";
import {
  claimFolder,
  findLab,
  identifyProcess,
  isAlive,
  type LivingProcess,
  listLabs,
  removeFolder,
  writeRecord,
} from "../../../lab/client/records.js";
import { makeFolder } from "../../cli/process.js";

const records = suite("lab: records");

process.env.XDG_RUNTIME_DIR = makeFolder();

function note(name: string, living: LivingProcess) {
  return writeRecord(claimFolder(name), { version: 1, name, root: "/fleet", ...living, rootless: false });
}

/** A process that has ended, and was reaped. */
async function deadProcess(): Promise<LivingProcess> {
  const child = spawn("sleep", ["60"]);
  const living = identifyProcess(child.pid ?? 0);
  const closed = new Promise((resolve) => child.on("close", resolve));
  assert.ok(isAlive(living));
  child.kill("SIGKILL");
  await closed;
  return living;
}

records("a lab whose process is alive is found, in files for its owner alone", () => {
  assert.equal(listLabs(), []);
  const { folder } = note("cats", identifyProcess(process.pid));
  assert.is(findLab("cats")?.record.root, "/fleet");
  assert.equal(
    listLabs().map(({ record }) => record.name),
    ["cats"],
  );
  assert.is(statSync(folder).mode & 0o777, 0o700);
  assert.is(statSync(join(folder, "record.json")).mode & 0o777, 0o600);
  removeFolder(folder);
});

records("the last lab takes the folder of all with it", () => {
  const one = note("one", identifyProcess(process.pid));
  const two = note("two", identifyProcess(process.pid));
  removeFolder(one.folder);
  assert.ok(existsSync(labsFolder()));
  removeFolder(two.folder);
  assert.not.ok(existsSync(labsFolder()));
  assert.equal(listLabs(), []);
  assert.not.ok(existsSync(labsFolder()));
});

records("what a dead lab left is removed, and its name is free", async () => {
  const { folder } = note("cats", await deadProcess());
  assert.is(findLab("cats"), null);
  assert.not.ok(existsSync(folder));
  removeFolder(claimFolder("cats"));
});

records("a PID that came again is another process", () => {
  const { folder } = note("cats", { pid: process.pid, startTime: "1" });
  assert.equal(listLabs(), []);
  assert.not.ok(existsSync(folder));
});

records("a record that makes no sense is what a dead lab left", () => {
  for (const text of ["", "{", "null", '{"version":1,"pid":"1"}', '{"version":2}']) {
    const folder = labFolder("cats");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, "record.json"), text);
    assert.is(findLab("cats"), null, text);
    assert.not.ok(existsSync(folder), text);
  }
});

records("of two who start a lab of one name, one is refused", () => {
  const folder = claimFolder("cats");
  assert.throws(() => claimFolder("cats"), /the lab cats runs already/);
  assert.equal(readdirSync(labsFolder()), ["cats"]);
  assert.is(findLab("cats"), null);
  assert.ok(existsSync(folder), "somebody is about to start it");
  removeFolder(folder);
});

records.run();
