/** The process that `apply.test.ts` kills: brings a folder to a version of a small tree. Arguments: folder, version. */
import { applyChanges } from "../../generators/tree/apply.js";
import { diffTree } from "../../generators/tree/diff.js";
import { TREE, treeOf } from "./versions.js";

const [root = "", version = ""] = process.argv.slice(2);
await applyChanges(root, await diffTree(root, treeOf(Number(version)), TREE), TREE);
