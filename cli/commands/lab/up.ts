import { LabClient } from "../../../lab/client/client.js";
import type { LabSpec } from "../../../lab/spec.js";
import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { bringUp, planWish, requireReady, stillRuns } from "../../lab/bring-up.js";
import { nameOption } from "../../lab/choose.js";
import { readLineConditions } from "../../lab/faults/conditions.js";
import { parseTimeout } from "../../lab/numbers.js";
import { exitCodeOfSignal } from "../../process/interrupt.js";
import { compileTarget } from "../../targets/targets.js";
import { count } from "../../terminal/words.js";

/** What to do with a lab; `--name` only where it is needed to tell it from others of this repository. */
function nextSteps(spec: LabSpec, named: string): string[] {
  const [first] = spec.hosts;
  const relay = spec.clusters.flatMap(({ relays }) => relays)[0] ?? first?.name ?? "HOST";
  return [
    `meshflake lab status${named}`,
    `meshflake lab exec ${first?.name ?? "HOST"}${named} -- ping -c 3 ${spec.hosts.at(-1)?.meshIp ?? "ADDRESS"}`,
    `meshflake lab break kill ${relay}${named}`,
    `meshflake lab test --use${named}`,
    `meshflake lab down${named}`,
  ];
}

export async function run(context: Context, hosts: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const timeout = parseTimeout(options);
  const conditions = readLineConditions(options);
  const { target, problems } = await compileTarget(context);
  const spec = planWish(target, { name: nameOption(options), hosts, conditions });
  const { result, interruptedBy } = await bringUp(context, spec, timeout);
  const names = { lab: spec.name, fleet: spec.fleet, environment: spec.environment };
  if (interruptedBy !== null && result.started.kind === "interrupted") {
    context.progress.note(`interrupted: the lab ${spec.name} is ended, and nothing of it is left`);
    return { exitCode: exitCodeOfSignal(interruptedBy), text: () => "", data: () => names, problems };
  }
  const readyMs = requireReady(result, timeout, stillRuns(result.lab));
  const { wireguard, lines } = await new LabClient(result.lab.socket).state();
  const next = nextSteps(spec, nameOption(options) === undefined ? "" : ` --name ${spec.name}`);
  const { green, bold } = context.colors;
  const seconds = (readyMs / 1000).toFixed(1);
  return {
    exitCode: 0,
    text: () =>
      [
        `${green("✓")} the lab ${bold(spec.name)} is ready: ${count(spec.hosts.length, "host")} in ${seconds} s (WireGuard: ${wireguard}, lines: ${lines})`,
        "Next:",
        ...next.map((step) => `  ${step}`),
      ].join("\n"),
    data: () => ({ ...names, hosts: spec.hosts.map(({ name }) => name), readyMs, wireguard, lines, next }),
    problems,
  };
}
