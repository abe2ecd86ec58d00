import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { compileFleet } from "../../../generators/compile.js";
import { planLab } from "../../plan.js";
import type { LabState } from "../../protocol.js";
import type { LabSpec } from "../../spec.js";
import type { HeldConnection } from "../agent/protocol.js";
import type { Check } from "../check.js";
import type { Harness } from "../harness/harness.js";
import { Watching } from "../harness/watching.js";
import { judgeHeld, livesSince } from "../judge/outage.js";
import { judgeRestarts } from "../judge/restarts.js";
import { NEWCOMER_FOLDER } from "../remains/remains.js";
import { type Failure, notApplicable, type Verdict, verdictOf } from "../report.js";
import { candidates, copyRepository, freeName, generate, writeHostFile } from "../scenes/newcomer.js";

const JOIN_SECONDS = 60;
/** What an echo over an open connection may take: it is asked five times a second. */
const ECHO_SECONDS = 10;
/** Others may start again, as their settings name the newcomer: Unbound has its name, BIRD its address. */
const DAEMONS: ReadonlySet<string> = new Set(["consul", "nomad"]);
/** Where the command line is, beside what runs the checks. */
const CLI = "../cli/main.js";

export const addHost: Check = {
  name: "add-host",
  title: "A host added to the running fleet by one file joins, and nobody else's connection breaks",
  async run(harness) {
    const copy = join(harness.options.folder, NEWCOMER_FOLDER);
    // One that was killed has left its own.
    rmSync(copy, { recursive: true, force: true });
    mkdirSync(copy);
    try {
      return await addTo(harness, copy);
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  },
};

async function addTo(harness: Harness, copy: string): Promise<Verdict> {
  const [before, state] = await Promise.all([harness.spec(), harness.state()]);
  const compile = () => compileFleet(copy, state.environment === null ? {} : { environment: state.environment });
  copyRepository(state.root, copy);
  const { fleet } = await compile();
  const name = freeName(fleet);
  const text = await writeHostFile(copy, name, candidates(fleet), compile);
  if (text === null) return notApplicable("no site takes a host that its provider did not number");
  harness.step(`one file more: ${text.split("\n").at(-2) ?? ""}`);
  await generate(cliPath(), copy, state.environment, name);
  const compiled = await compile();
  const hosts = [...before.hosts.map((host) => host.name), name];
  const after = planLab(compiled, { name: before.name, hosts, previous: before });
  return applyAndJudge(harness, before, after, state, name);
}

function cliPath(): string {
  return new URL(CLI, import.meta.url).pathname;
}

/** Applies the larger fleet while connections are open, waits for the newcomer, and removes it again, whatever happens. */
async function applyAndJudge(
  harness: Harness,
  before: LabSpec,
  after: LabSpec,
  state: LabState,
  name: string,
): Promise<Verdict> {
  const watches = await Promise.all(before.clusters.map((cluster) => Watching.begin(harness, before, cluster)));
  harness.step(`${name} starts, and the others reload`);
  const cluster = after.hosts.find((host) => host.name === name)?.cluster ?? "";
  await harness.making({ kind: "newcomer", cluster, host: name });
  const begun = performance.now();
  const goBack = await harness.client.try(after);
  try {
    const { lacks } = await harness.untilWhole(JOIN_SECONDS);
    const seconds = (performance.now() - begun) / 1_000;
    const wholeAt = Date.now();
    const now = await Promise.all(watches.map((watching) => watching.heldSince(wholeAt, ECHO_SECONDS)));
    const restarted = judgeRestarts(before, state, await harness.state(), `${name} was added`, DAEMONS);
    return verdictOf(
      [
        { name: "newcomer whole after", value: seconds, unit: "s" },
        {
          name: "TCP connections that lived on",
          value: now.flatMap((held) => livesOf(held, wholeAt)).length,
          unit: "connections",
        },
      ],
      [...lacks.map((seen) => notJoined(name, seen, harness)), ...brokenOf(now, wholeAt, name), ...restarted],
      `${name} is gone again, and Nomad and Consul have forgotten it`,
    );
  } finally {
    for (const watching of watches) watching.end();
    harness.step(`${name} goes`);
    await harness.client.apply(before);
    goBack();
    await harness.takeBack([{ kind: "newcomer", cluster, host: name }]);
  }
}

/** What each host holds open. */
type Held = Awaited<ReturnType<Watching["held"]>>;

function livesOf(held: Held, since: number): HeldConnection[] {
  return [...held.values()].flat().filter((connection) => livesSince(connection, since));
}

function brokenOf(now: readonly Held[], since: number, name: string): Failure[] {
  return now.flatMap((held) => [...held].flatMap(([from, list]) => judgeHeld(from, list, since, `${name} was added`)));
}

function notJoined(name: string, seen: string, harness: Harness): Failure {
  return {
    expected: `${name} is a whole member within ${JOIN_SECONDS * harness.options.patience} s`,
    seen,
    look: `meshflake lab logs ${name}`,
  };
}
