import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { LabClient } from "../client/client.js";
import { start } from "../machine/command.js";
import { Agent } from "./harness/agent.js";
import { Harness, type HarnessOptions } from "./harness/harness.js";
import { endWithParent } from "./harness/parent.js";
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

/** The agents' program: beside this one when built. */
const AGENT = import.meta.url.endsWith(".ts") ? "./agent/main.ts" : "./agent.js";

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

function readOptions(socket: string): Omit<HarnessOptions, "stalls" | "step"> {
  const { patience, rounds, seed } = values;
  return {
    patience: positive("patience", patience),
    rounds: positive("rounds", rounds),
    folder: dirname(socket),
    seed: seed === undefined ? 1 + Math.floor(Math.random() * 2 ** 31) : positive("seed", seed),
    agent: [process.execPath, ...process.execArgv, fileURLToPath(new URL(AGENT, import.meta.url))],
  };
}

async function main(): Promise<void> {
  if (values.socket === undefined) throw new RangeError("--socket PATH is missing");
  const names = chosen(values.checks);
  let current: CheckName = names[0] ?? "reach";
  const options = readOptions(values.socket);
  // A process of its own, which has nothing else to do that it could be late for.
  const watcher = new Agent("this machine", start(options.agent));
  const client = new LabClient(values.socket);
  const leave = await client.joinTest();
  const harness = new Harness(client, {
    ...options,
    stalls: () => watcher.order("stalls", {}),
    step: (text) => emit({ check: current, event: "step", text }),
  });
  const checks = CHECKS.filter(({ name }) => names.includes(name));
  try {
    const report = await runChecks(checks, harness, (event) => {
      if (event.event === "start") current = event.check;
      emit(event);
    });
    emit({ event: "report", ...report });
    process.exitCode = report.passed ? 0 : 1;
  } finally {
    watcher.kill();
    leave();
  }
}

// Nobody reads on: nothing is left to say, and agents end with the pipes to them.
process.stdout.on("error", () => process.exit(1));

endWithParent();
await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
