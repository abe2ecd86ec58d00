import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UserError } from "../../../generators/model/problem.js";
import { labFolder, labsFolder } from "../../../lab/client/folders.js";
import { makeFolder } from "../../cli/process.js";

const folders = suite("lab: folders");

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof UserError) return `${error.message}: ${error.hint}`;
    throw error;
  }
  throw new Error("nothing was refused");
}

folders("they are below the runtime folder where that is one's own, else in /tmp", () => {
  const runtime = makeFolder();
  assert.is(labsFolder({ XDG_RUNTIME_DIR: runtime }), join(runtime, "meshflake-labs"));
  assert.is(labFolder("cats", { XDG_RUNTIME_DIR: runtime }), join(runtime, "meshflake-labs/cats"));
  const elsewhere = `/tmp/meshflake-labs-${process.getuid?.()}`;
  assert.is(labsFolder({}), elsewhere);
  assert.is(labsFolder({ XDG_RUNTIME_DIR: "/nonexistent" }), elsewhere);
  assert.is(labsFolder({ XDG_RUNTIME_DIR: "relative" }), elsewhere);
});

folders("one that others can look into is refused, and a link as well", () => {
  const runtime = makeFolder();
  const folder = join(runtime, "meshflake-labs");
  mkdirSync(folder, { mode: 0o700 });
  assert.is(labsFolder({ XDG_RUNTIME_DIR: runtime }), folder);
  chmodSync(folder, 0o750);
  assert.match(
    refusal(() => labsFolder({ XDG_RUNTIME_DIR: runtime })),
    /not a folder that only you can use/,
  );
  const other = makeFolder();
  symlinkSync(runtime, join(other, "meshflake-labs"));
  assert.match(
    refusal(() => labsFolder({ XDG_RUNTIME_DIR: other })),
    /not a folder that only you can use/,
  );
});

folders("a name is a label, so that it leads nowhere else", () => {
  const env = { XDG_RUNTIME_DIR: makeFolder() };
  for (const name of ["", "..", "a/b", "Cats", "-a", "a-", "a b", "a.1", "a".repeat(64)]) {
    assert.match(
      refusal(() => labFolder(name, env)),
      /cannot be the name of a lab: use lower-case/,
      name,
    );
  }
  for (const name of ["a", "cats-dev", "1", "a".repeat(30)]) assert.ok(labFolder(name, env).endsWith(name));
});

folders("a name whose socket's path would have more than 107 bytes is refused", () => {
  const runtime = makeFolder();
  const room = 107 - join(runtime, "meshflake-labs", "/control.sock").length - 1;
  const long = join(runtime, "x".repeat(room - 9));
  mkdirSync(long);
  const env = { XDG_RUNTIME_DIR: long };
  const fits = "a".repeat(107 - join(long, "meshflake-labs/", "/control.sock").length - 1);
  assert.is(Buffer.byteLength(join(labFolder(fits, env), "control.sock")), 107);
  assert.match(
    refusal(() => labFolder(`${fits}a`, env)),
    /too long[\s\S]*shorter by 1 or more/,
  );
});

folders.run();
