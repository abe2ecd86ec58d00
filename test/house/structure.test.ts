import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

/** Imports point towards the start, the pure stages stay pure, and heavy packages load late. */

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Stages in order: each may import those before it. `proof` sees what was rendered, never the plan. */
const STAGES = ["model", "load", "validate", "plan", "render", "proof", "tree", "secrets"];
const PURE = new Set(["model", "validate", "plan", "render", "proof"]);
const LATE = /^(ts-morph|typescript|@pulumi\/|age-encryption)/;
const IMPURE = /^node:(fs|process|child_process|os|net|http|worker_threads)/;
/** Reaches past its stage for types alone, or is the one seam between two stages. */
const ALLOWED = new Set(["validate → plan"]);

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.parentPath.includes("/generated"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(/^(?:import|export) (type )?[^;]*?from "([^"]+)";/gms)].map(([, type, target = ""]) => ({
    file,
    target: target.startsWith(".") ? relative(root, join(root, dirname(file), target)) : target,
    typeOnly: type !== undefined,
  }));
}

function stageOf(path: string): string | undefined {
  return /^generators\/(\w+)\//.exec(path)?.[1];
}

const LAB = /^lab\//;

function findWrong({ file, target, typeOnly }: Import): string | null {
  const [from, to] = [stageOf(file), stageOf(target)];
  if (from === "proof" && to === "plan") return `${file} trusts the planner: ${target}`;
  if (from !== undefined && to !== undefined && !(typeOnly && ALLOWED.has(`${from} → ${to}`)))
    if (STAGES.indexOf(to) > STAGES.indexOf(from)) return `${file} imports a later stage: ${target}`;
  if ((from !== undefined || LAB.test(file)) && target.startsWith("cli/"))
    return `${file} imports the command line: ${target}`;
  if (from !== undefined && LAB.test(target)) return `${file} imports the lab: ${target}`;
  if (from !== undefined && PURE.has(from) && !typeOnly && IMPURE.test(target)) return `${file} is not pure: ${target}`;
  if (LATE.test(target) && !typeOnly) return `${file} loads ${target} at once`;
  return null;
}

const house = suite("house: structure");

house("imports point towards the start, and only there", () => {
  const files = [...sources("generators"), ...sources("lab"), ...sources("cli")];
  assert.ok(files.length > 30);
  const wrong = files.flatMap((file) => importsOf(file, readFileSync(join(root, file), "utf8")).map(findWrong));
  assert.equal(
    wrong.filter((one) => one !== null),
    [],
  );
});

house("the search finds planted mistakes", () => {
  const [one] = importsOf("generators/model/x.ts", 'import { planFleet } from "../plan/plan.js";\n');
  assert.ok(one !== undefined && findWrong(one)?.includes("later stage"));
  const [two] = importsOf("generators/plan/x.ts", 'import { readFileSync } from "node:fs";\n');
  assert.ok(two !== undefined && findWrong(two)?.includes("not pure"));
  const [three] = importsOf("generators/proof/x.ts", 'import type { A } from "../plan/types.js";\n');
  assert.ok(three !== undefined && findWrong(three)?.includes("trusts"));
  const [four] = importsOf("cli/x.ts", 'import { Project } from "ts-morph";\n');
  assert.ok(four !== undefined && findWrong(four)?.includes("at once"));
  const [five] = importsOf("lab/run/x.ts", 'import { run } from "../../cli/run.js";\n');
  assert.ok(five !== undefined && findWrong(five)?.includes("command line"));
  const [six] = importsOf("generators/plan/x.ts", 'import type { LabSpec } from "../../lab/spec.js";\n');
  assert.ok(six !== undefined && findWrong(six)?.includes("imports the lab"));
});

/** Every source file that a program has read once it runs, without what it imports later. */
function loadedBy(entry: string): Set<string> {
  const loaded = new Set([entry]);
  for (const file of loaded) {
    const imports = importsOf(file, readFileSync(join(root, file), "utf8")).filter(({ typeOnly }) => !typeOnly);
    for (const { target } of imports) if (existsSync(join(root, sourceOf(target)))) loaded.add(sourceOf(target));
  }
  return loaded;
}

const sourceOf = (target: string) => target.replace(/\.js$/, ".ts");

house("the command line loads the lab when a command asks for it, and not before", () => {
  const lab = (file: string) => LAB.test(file);
  assert.equal([...loadedBy("cli/main.ts")].filter(lab), []);
  assert.ok([...loadedBy("cli/commands/lab/up.ts")].some(lab), "the search finds it where it is");
});

house("a source file is one concept: at most 250 lines", () => {
  const long = [...sources("generators"), ...sources("lab"), ...sources("cli")].filter(
    // The public types are one page to read, and the reference is made of them.
    (file) => file !== "generators/model/input.ts" && readFileSync(join(root, file), "utf8").split("\n").length > 251,
  );
  assert.equal(long, []);
});

house.run();
