import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
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

const PINNED = /(@pulumi\/[a-z]+)@(\d[\w.]*)/g;

house("versions of Pulumi's packages in the documentation are those of its program", () => {
  const read = (path: string) => readFileSync(new URL(path, new URL("../../", import.meta.url)), "utf8");
  const { dependencies } = JSON.parse(read("pulumi/package.json")) as { dependencies: Record<string, string> };
  const named = [...read("docs/provision.md").matchAll(PINNED)];
  assert.ok(named.length > 0);
  for (const [text, name = "", version] of named) assert.is(dependencies[name], version, text);
});

house.run();
