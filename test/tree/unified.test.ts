import { suite } from "uvu";
import * as assert from "uvu/assert";
import { unifiedDiff } from "../../generators/tree/unified.js";

const test = suite("tree/unified");

const before = "{\n  a = 1;\n  b = 2;\n}\n";
const after = "{\n  a = 1;\n  b = 3;\n}\n";

test("an update reads as git's", () => {
  assert.is(
    unifiedDiff({ kind: "update", path: "modules/x.nix", before, after }, { color: false }),
    `diff --git a/modules/x.nix b/modules/x.nix
--- a/modules/x.nix
+++ b/modules/x.nix
@@ -1,4 +1,4 @@
 {
   a = 1;
-  b = 2;
+  b = 3;
 }
`,
  );
});

test("creation and deletion name /dev/null", () => {
  assert.is(
    unifiedDiff({ kind: "create", path: "x", after: "a\nb\n" }, { color: false }),
    "diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n@@ -0,0 +1,2 @@\n+a\n+b\n",
  );
  assert.is(
    unifiedDiff({ kind: "delete", path: "x", before: "a\nb\n" }, { color: false }),
    "diff --git a/x b/x\ndeleted file mode 100644\n--- a/x\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n",
  );
});

test("a missing newline at the end is said", () => {
  const text = unifiedDiff({ kind: "update", path: "x", before: "a", after: "a\n" }, { color: false });
  assert.match(text, /-a\n\\ No newline at end of file\n\+a\n/);
});

test("colour only when asked, and only the lines that changed", () => {
  const change = { kind: "update", path: "x", before, after } as const;
  const esc = String.fromCharCode(27);
  assert.not.ok(unifiedDiff(change, { color: false }).includes(esc));
  const lines = unifiedDiff(change, { color: true }).split("\n");
  assert.ok(lines.includes(`${esc}[31m-  b = 2;${esc}[39m`));
  assert.ok(lines.includes(`${esc}[32m+  b = 3;${esc}[39m`));
  assert.ok(lines.includes("   a = 1;"));
});

test.run();
