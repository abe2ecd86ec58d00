import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

/** `docs/reference.md` is what the interfaces' JSDoc says now; the rules' page has a test of its own. */

const root = fileURLToPath(new URL("../..", import.meta.url));

const house = suite("house: docs");

house("the reference of every field is up to date; `npm run docs` writes it", () => {
  const { status, stderr } = spawnSync(process.execPath, ["scripts/docs-reference.mjs", "--check"], { cwd: root });
  assert.is(status, 0, String(stderr));
});

house.run();
