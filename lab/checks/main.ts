import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { LabClient } from "../client/client.js";
import { Harness } from "./harness/harness.js";
import { CHECKS } from "./list.js";
import { CHECK_NAMES, type CheckEvent, type CheckName } from "./report.js";
import { runChecks } from "./run.js";

/**
 * `checks.js --socket PATH [--checks a,b] [--rounds N] [--patience X] [--seed N]`, inside of a lab's namespaces: writes a line of JSON for
 * each event. Ends with 0 where nothing failed, 1 where a check did, 2 where it cannot begin.
 */

const { values } = parseArgs({
  options: {
    socket: { type: "string" },
    checks: { type: "string" },
    rounds: { type: "string", default: "3" },
    patience: { type: "string", default: "1" },
    seed: { type: "string" },
  },
});

function emit(event: CheckEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** @throws RangeError where the text is no positive number */
function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new RangeError(`--${name} ${text} is not a positive number`);
  return value;
}

/** @throws RangeError where a name is nobody's */
function chosen(text: string | undefined): readonly CheckName[] {
  if (text === undefined) return CHECK_NAMES;
  return text.split(",").map((name) => {
    const known = CHECK_NAMES.find((one) => one === name);
    if (known === undefined) throw new RangeError(`no check is called ${name}; there are ${CHECK_NAMES.join(", ")}`);
    return known;
  });
}

async function main(): Promise<void> {
  if (values.socket === undefined) throw new RangeError("--socket PATH is missing");
  const names = chosen(values.checks);
  let current: CheckName = names[0] ?? "reach";
  const here = fileURLToPath(import.meta.url);
  const agent = here.endsWith(".ts") ? "./agent/main.ts" : "./agent.js";
  const harness = new Harness(new LabClient(values.socket), {
    patience: positive("patience", values.patience),
    rounds: positive("rounds", values.rounds),
    seed: values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : positive("seed", values.seed),
    agent: [process.execPath, ...process.execArgv, fileURLToPath(new URL(agent, import.meta.url))],
    step: (text) => emit({ check: current, event: "step", text }),
  });
  const report = await runChecks(
    CHECKS.filter(({ name }) => names.includes(name)),
    harness,
    (event) => {
      if (event.event === "start") current = event.check;
      emit(event);
    },
  );
  emit({ event: "report", ...report });
  process.exitCode = report.passed ? 0 : 1;
}

// Nobody reads on: nothing is left to say, and agents end with the pipes to them.
process.stdout.on("error", () => process.exit(1));

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
