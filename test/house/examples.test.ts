import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

/** Every example is a whole repository, whose flake is the one that `init` would write. */

const root = fileURLToPath(new URL("../..", import.meta.url));
const examples = readdirSync(join(root, "examples"), { withFileTypes: true }).filter((entry) => entry.isDirectory());

const house = suite("house: examples");

house("flakes of examples do not drift from the root's", () => {
  assert.ok(examples.length >= 3);
  for (const { name } of examples) {
    for (const file of ["flake.nix", "flake.lock"])
      assert.is(readFileSync(join(root, "examples", name, file), "utf8"), readFileSync(join(root, file), "utf8"), name);
  }
});

house.run();
