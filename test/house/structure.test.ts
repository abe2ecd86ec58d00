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
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .filter(({ parentPath }) => !/\/(generated|node_modules)(\/|$)/.test(parentPath))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function allSources(): string[] {
  return ["generators", "lab", "cli", "pulumi"].flatMap(sources);
}

function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(/^(?:import|export) (type )?[^;]*?from "([^"]+)";/gms)].map(([, type, target = ""]) => ({
    file,
    target: target.startsWith(".") ? relative(root, join(root, dirname(file), target)) : target,
    typeOnly: type !== undefined,
  }));
}

const known = new Map<string, readonly Import[]>();

/** Of a file, which is read once: many load the same ones. */
function importsIn(file: string): readonly Import[] {
  const found = known.get(file) ?? importsOf(file, readFileSync(join(root, file), "utf8"));
  known.set(file, found);
  return found;
}

function stageOf(path: string): string | undefined {
  return /^generators\/(\w+)\//.exec(path)?.[1];
}

const LAB = /^lab\//;

/** The Pulumi program's own stages, in order. */
const PROGRAM_STAGES = ["plan", "base", "provider", "checks", "components", "prepare", "program"] as const;
type ProgramStage = (typeof PROGRAM_STAGES)[number];

function programStageOf(path: string): ProgramStage | undefined {
  const [, folder, file] = /^pulumi\/(?:(\w+)\/)?.*?(\w+)\.(?:js|ts)$/.exec(path) ?? [];
  if (file === undefined) return undefined;
  if (folder === undefined) return ["outputs", "packages", "settings"].includes(file) ? "base" : "program";
  if (folder === "plan" || folder === "checks" || folder === "components") return folder;
  return file === "prepare" ? "prepare" : "provider";
}

/** Providers' packages, which load when the first of their resources is made; Pulumi's own is there with the program. */
const PROVIDER_PACKAGES = /^(@pulumi\/(?!pulumi)|@muhlba91\/)/;
/** What the command line knows of the program: the contract of its outputs, and what it makes of a plan. */
const FOR_COMMANDS = /^pulumi\/(outputs\.js$|plan\/)/;
/** What a program may say problems with: it is the other front end. */
const FOR_PROGRAM = /^cli\/terminal\//;

function findWrongInProgram({ file, target, typeOnly }: Import): string | null {
  const [from, to] = [programStageOf(file), programStageOf(target)];
  if (from === undefined) {
    if (to === undefined || (file.startsWith("cli/") && FOR_COMMANDS.test(target))) return null;
    return `${file} imports the Pulumi program: ${target}`;
  }
  if (to !== undefined) {
    // The program's order of machines is told to those that prepare them by its types alone.
    const isLater = PROGRAM_STAGES.indexOf(to) > PROGRAM_STAGES.indexOf(from);
    return isLater && !(typeOnly && from === "prepare") ? `${file} imports a later stage: ${target}` : null;
  }
  if (target.startsWith("cli/") && !FOR_PROGRAM.test(target)) return `${file} imports the command line: ${target}`;
  if (LAB.test(target)) return `${file} imports the lab: ${target}`;
  if (typeOnly) return null;
  if (from === "plan" && (IMPURE.test(target) || target.startsWith("@"))) return `${file} is not pure: ${target}`;
  const isLate = target === "@pulumi/pulumi" ? file.endsWith("/outputs.ts") : LATE.test(target);
  return isLate || PROVIDER_PACKAGES.test(target) ? `${file} loads ${target} at once` : null;
}

function findWrong(one: Import): string | null {
  return findWrongInProgram(one) ?? (programStageOf(one.file) === undefined ? findWrongInStages(one) : null);
}

function findWrongInStages({ file, target, typeOnly }: Import): string | null {
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
  const files = allSources();
  assert.ok(files.filter((file) => programStageOf(file) !== undefined).length > 30);
  const wrong = files.flatMap((file) => importsIn(file).map(findWrong));
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

house("the search finds planted mistakes in the Pulumi program", () => {
  for (const [file, text, expected] of [
    ["generators/plan/x.ts", 'import type { Y } from "../../pulumi/outputs.js";', "imports the Pulumi program"],
    ["cli/x.ts", 'import { deployFleet } from "../pulumi/program.js";', "imports the Pulumi program"],
    ["pulumi/x.ts", 'import { run } from "../cli/report.js";', "imports the command line"],
    ["pulumi/plan/x.ts", 'import { readSettings } from "../settings.js";', "later stage"],
    ["pulumi/checks/x.ts", 'import type { Y } from "../components/zone.js";', "later stage"],
    ["pulumi/hetzner/x.ts", 'import { checkHetzner } from "../checks/hetzner.js";', "later stage"],
    ["pulumi/plan/x.ts", 'import { existsSync } from "node:fs";', "not pure"],
    ["pulumi/plan/x.ts", 'import * as pulumi from "@pulumi/pulumi";', "not pure"],
    ["pulumi/components/x.ts", 'import * as hcloud from "@pulumi/hcloud";', "at once"],
    ["pulumi/outputs.ts", 'import * as pulumi from "@pulumi/pulumi";', "at once"],
  ] as const) {
    const [found] = importsOf(file, `${text}\n`);
    assert.ok(found !== undefined && findWrong(found)?.includes(expected), `${file}: ${text}`);
  }
  for (const [file, text] of [
    ["cli/x.ts", 'import { viewCloud } from "../pulumi/plan/view.js";'],
    ["pulumi/hetzner/prepare.ts", 'import type { Provider } from "../machines.js";'],
    ["pulumi/components/x.ts", 'import type * as hcloud from "@pulumi/hcloud";'],
  ] as const)
    for (const one of importsOf(file, `${text}\n`)) assert.is(findWrong(one), null, text);
});

/** Every source file that a program has read once it runs, without what it imports later. */
function loadedBy(entry: string): Set<string> {
  const loaded = new Set([entry]);
  for (const file of loaded) {
    const imports = importsIn(file).filter(({ typeOnly }) => !typeOnly);
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

house("no command loads Pulumi at once: the project that is provisioned has its own", () => {
  const loadsPulumi = (file: string) =>
    importsIn(file).some(({ target, typeOnly }) => !typeOnly && /^(@pulumi|@muhlba91)\//.test(target));
  const commands = sources("cli/commands");
  assert.ok(commands.length > 10);
  for (const entry of ["cli/main.ts", ...commands]) assert.equal([...loadedBy(entry)].filter(loadsPulumi), [], entry);
  assert.ok([...loadedBy("pulumi/program.ts")].some(loadsPulumi), "the search finds it where it is");
});

house("a source file is one concept: at most 250 lines", () => {
  const long = allSources().filter(
    // The public types are one page to read, and the reference is made of them.
    (file) => file !== "generators/model/input.ts" && readFileSync(join(root, file), "utf8").split("\n").length > 251,
  );
  assert.equal(long, []);
});

house.run();
