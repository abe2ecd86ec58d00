import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import picocolors from "picocolors";
import { formatProblems, sortProblems } from "../../cli/terminal/problems.js";
import { loadRepository } from "../../generators/load/repository.js";
import { locateProblems } from "../../generators/load/source/locate.js";
import { isFatal, type Problem } from "../../generators/model/problem.js";
import { planFleet } from "../../generators/plan/plan.js";
import { listOptions, optionsSetBy } from "../../generators/render/nix/options.js";
import { resolveFleet } from "../../generators/validate/resolve.js";
import type { Rule } from "../../generators/validate/rule.js";
import { createNixFileRule, createOptionRule, RULES, runPlanRules, runRules } from "../../generators/validate/rules.js";
import { validateSchemas } from "../../generators/validate/schema.js";

/** Fixtures of rules: each is laid over the base fleet, which has no problem, and breaks one rule. */

const FOLDER = fileURLToPath(new URL("../fixtures/rules", import.meta.url));
/** The fleet under all of them. */
const BASE = "base";

/** All rules, those that need more than the fleet included. */
export const ALL_RULES: readonly Rule[] = [
  ...RULES,
  createNixFileRule(() => true),
  createOptionRule(() => new Set(), listOptions),
];

/** Names of the fixtures, each the code of the rule that it breaks. */
export function listFixtures(): string[] {
  return readdirSync(FOLDER).filter((name) => name !== BASE);
}

/** What a fixture says that check prints, or nothing where it does not say it yet. */
export function readExpected(code: string): string {
  const file = expectedFile(code);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

export function expectedFile(code: string): string {
  return join(FOLDER, code, "expected.txt");
}

/** A file of a fixture, or of the fleet under it. */
export function readSource(code: string, file: string): string {
  const own = join(FOLDER, code, file);
  return readFileSync(existsSync(own) ? own : join(FOLDER, BASE, file), "utf8");
}

/** Runs every rule on a fixture as `check` does, and returns the problems' lines. */
export async function checkFixture(code: string): Promise<readonly string[]> {
  const root = mkdtempSync(join(tmpdir(), "meshflake-rules-"));
  try {
    cpSync(join(FOLDER, BASE), root, { recursive: true });
    if (code !== BASE) cpSync(join(FOLDER, code), root, { recursive: true });
    const problems = sortProblems(await locateProblems(await findProblems(root), root));
    if (problems.length === 0) return [];

    const colors = picocolors.createColors(false);
    return formatProblems(problems, { format: "text", colors, prefix: "" }).split("\n").slice(0, -1);
  } finally {
    rmSync(root, { recursive: true });
  }
}

async function findProblems(root: string): Promise<readonly Problem[]> {
  const folder = join(root, "hosts/environments");
  const [environment] = existsSync(folder) ? readdirSync(folder) : [];
  const options = environment === undefined ? {} : { environment: environment.replace(/\..*$/, "") };
  const repository = await loadRepository(root, options);
  const { inputs, problems } = validateSchemas(repository);
  const found = [...repository.problems, ...problems];
  if (inputs === null || isFatal(found)) return found;
  const fleet = resolveFleet(inputs);
  const exists = createNixFileRule((file) => existsSync(join(root, file)));
  found.push(...runRules({ inputs, fleet }, [...RULES, exists]));
  if (isFatal(found)) return found;
  const plan = planFleet(fleet, inputs.lock);
  const own = createOptionRule((host) => optionsSetBy(plan, host), listOptions);
  found.push(...runPlanRules({ inputs, fleet, plan }, [...RULES, own]));
  return found;
}
