import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CHECK_NAMES, type Report } from "../../lab/checks/report.js";
import { PACKAGE } from "../cli/process.js";
import { Labs, onLab } from "./support/lab.js";

/** `lab test`, all of it, on the reference fleet and on each example: what meshflake generates works. */

const real = suite("real: the checks of every fleet");
const test = onLab(real);

/**
 * Machines of CI are slow and shared, and a raft leader that does not get its share of two cores loses its office. What was
 * measured stands in the report all the same.
 */
const PATIENCE = "3";

/** Cold starts: few, as each takes half a minute; `lab test --rounds 20` is for whoever changes how hosts start. */
const FLEETS = [
  { name: "the reference fleet", folder: ".", options: ["--rounds", "5"], has: ["failover"] },
  {
    name: "pis-and-proxmox",
    folder: "examples/pis-and-proxmox",
    options: ["--rounds", "1"],
    has: ["failover", "renumber"],
  },
  { name: "three-clusters", folder: "examples/three-clusters", options: ["--rounds", "1"], has: ["failover"] },
  { name: "two-environments", folder: "examples/two-environments", options: ["--rounds", "1"], has: ["failover"] },
  {
    name: "its environment",
    folder: "examples/two-environments",
    options: ["--env", "dev", "--rounds", "1"],
    has: ["failover"],
  },
] as const;

/** Not every fleet has what these are about. */
const OPTIONAL = new Set<string>(["failover", "renumber"]);

/** Runs `lab test`, and prints what it measured. */
async function runChecks(labs: Labs, options: readonly string[]): Promise<Report> {
  const { stdout, stderr } = await labs.run("test", "--json", "--patience", PATIENCE, ...options);
  const report: Report | undefined = JSON.parse(stdout).report;
  if (report === undefined) throw new Error(`${stdout}${stderr}`);
  for (const { check, outcome, seconds, facts, failures } of report.results) {
    const measured = facts.map((fact) => `${fact.name}: ${fact.value} ${fact.unit}`);
    console.log(`  ${check}: ${outcome} (${seconds} s) ${measured.join("; ")}`);
    for (const { expected, seen } of failures) console.log(`    expected ${expected}; seen ${seen}`);
  }
  return report;
}

for (const { name, folder, options, has } of FLEETS) {
  test(name, async () => {
    const labs = new Labs(join(PACKAGE, folder));
    const { results } = await runChecks(labs, options);
    const failed = results.filter(({ outcome }) => outcome === "failed").map(({ check }) => check);
    // A machine that stalls for seconds breaks what it interrupts. What is wrong with the fleet fails again, in a lab of its own.
    const again = failed.length === 0 ? [] : (await runChecks(labs, [...options, "--only", failed.join(",")])).results;
    const passed = [...results, ...again].filter(({ outcome }) => outcome === "passed").map(({ check }) => check);
    const wanted = CHECK_NAMES.filter((check) => !OPTIONAL.has(check) || has.some((one) => one === check));
    assert.equal(passed.sort(), [...wanted].sort());
  });
}

real.run();
