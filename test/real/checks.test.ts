import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CHECK_NAMES, type Report } from "../../lab/checks/report.js";
import { PACKAGE } from "../cli/process.js";
import { Labs, onLab } from "./support/lab.js";

/** `lab test`, all of it, on the reference fleet and on each example: what meshflake generates works, within the promised times. */

const real = suite("real: the checks of every fleet");
const test = onLab(real);

/**
 * Cold starts: one of each kind on the reference fleet, as each takes half a minute; `lab test --rounds 20` is for whoever changes how
 * hosts start.
 */
const FLEETS = [
  { name: "the reference fleet", folder: ".", options: ["--rounds", "4"], has: ["failover"] },
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
  const { stdout, stderr } = await labs.run("test", "--json", ...options);
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
    assert.equal(
      results.flatMap(({ failures }) => failures).filter((failure) => failure.final),
      [],
    );
    const failed = results.filter(({ outcome }) => outcome === "failed").map(({ check }) => check);
    // Time limits are the fleet's promise, as they are: in which the machine stood still is taken off by the checks themselves. What
    // chance does is not: two servers that stand for election at the same moment do so again, seconds later, and a leader that is not
    // heard for a stall loses its office. What is wrong with the fleet fails again, in a lab of its own.
    const again = failed.length === 0 ? [] : (await runChecks(labs, [...options, "--only", failed.join(",")])).results;
    const passed = [...results, ...again].filter(({ outcome }) => outcome === "passed").map(({ check }) => check);
    const wanted = CHECK_NAMES.filter((check) => !OPTIONAL.has(check) || has.some((one) => one === check));
    assert.equal(passed.sort(), [...wanted].sort());
  });
}

real.run();
