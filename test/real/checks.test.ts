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

for (const { name, folder, options, has } of FLEETS) {
  test(name, async () => {
    const labs = new Labs(join(PACKAGE, folder));
    const { code, stdout, stderr } = await labs.run("test", "--json", "--patience", PATIENCE, ...options);
    const report: Report | undefined = JSON.parse(stdout).report;
    assert.ok(report !== undefined, stderr);
    for (const { check, outcome, seconds, facts } of report.results)
      console.log(
        `  ${check}: ${outcome} (${seconds} s) ${facts.map((f) => `${f.name}: ${f.value} ${f.unit}`).join("; ")}`,
      );
    const failures = report.results.flatMap((result) =>
      result.failures.map((one) => ({ check: result.check, ...one })),
    );
    assert.equal(failures, []);
    assert.is(code, 0);
    const passed = report.results.filter(({ outcome }) => outcome === "passed").map(({ check }) => check);
    assert.equal(
      passed,
      CHECK_NAMES.filter((check) => !OPTIONAL.has(check) || has.some((one) => one === check)),
    );
  });
}

real.run();
