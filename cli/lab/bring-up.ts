import { suggestName } from "../../generators/load/nearest.js";
import { UserError } from "../../generators/model/problem.js";
import { endLab } from "../../lab/client/end.js";
import { labFolder } from "../../lab/client/folders.js";
import type { Lab } from "../../lab/client/records.js";
import { prepareMachine } from "../../lab/client/start/programs.js";
import { type Started, waitUntilReady } from "../../lab/client/start/ready.js";
import { startLab } from "../../lab/client/start/start.js";
import { planLab } from "../../lab/plan.js";
import type { HostState, Progress as LabProgress } from "../../lab/protocol.js";
import type { LabSpec } from "../../lab/spec.js";
import type { LineConditions } from "../../lab/world/plan.js";
import type { Context } from "../context.js";
import { requireHost } from "../machines/hosts.js";
import { type Interruptible, withInterrupt } from "../process/interrupt.js";
import type { Target } from "../targets/targets.js";
import type { Progress } from "../terminal/progress.js";
import { count } from "../terminal/words.js";

/** From a fleet to a lab that is ready, or to nothing at all. */

export interface LabWish {
  /** @default the fleet's name, with the environment's */
  readonly name?: string | undefined;
  /** All of them where it is empty. */
  readonly hosts: readonly string[];
  readonly conditions: LineConditions;
}

/** The name of a fleet's lab. */
export function labNameOf({ plan, environment }: Target): string {
  return environment === null ? plan.fleet.name : `${plan.fleet.name}-${environment}`;
}

/** @throws UserError where the lab has no such site */
function requireSites({ world }: LabSpec, { sites = {} }: LineConditions): void {
  const names = world.sites.map(({ name }) => name);
  for (const site of Object.keys(sites)) {
    if (!names.includes(site)) throw new UserError(`no site of the lab is named \`${site}\``, suggestName(site, names));
  }
}

/** @throws UserError where the fleet has no such host or site, or the hosts make no whole of their own */
export function planWish(target: Target, { name, hosts, conditions }: LabWish): LabSpec {
  for (const host of hosts) requireHost(target.plan.hosts, host);
  const own = { name: name ?? labNameOf(target), conditions, ...(hosts.length > 0 && { hosts }) };
  // Before anything is planned for it.
  labFolder(own.name);
  try {
    const spec = planLab(target, own);
    requireSites(spec, conditions);
    return spec;
  } catch (error) {
    if (error instanceof RangeError) throw new UserError(error.message, undefined, 2, { cause: error });
    throw error;
  }
}

const HOST_WORDS: Readonly<Record<HostState, string>> = {
  booting: "boots",
  up: "is up",
  frozen: "is frozen",
  off: "is off",
};

/** @param hosts how many there are */
function showProgress(progress: Progress, hosts: number): (event: LabProgress) => void {
  const up = new Set<string>();
  return (event) => {
    switch (event.kind) {
      case "world":
        progress.step(`building ${count(event.sites, "site")} and the internet between them`);
        return;
      case "host":
        if (event.state === "up") {
          up.add(event.host);
          progress.note(`${event.host} is up (${up.size} of ${hosts})`);
        } else progress.step(`${event.host} ${HOST_WORDS[event.state]}`);
        return;
      case "waiting":
        progress.step(event.text);
        return;
      default:
        progress.clear();
    }
  };
}

export interface BroughtUp {
  readonly lab: Lab;
  readonly started: Started;
}

async function startAndWait(context: Context, spec: LabSpec, timeout: number, signal: AbortSignal): Promise<BroughtUp> {
  const root = context.root();
  const lab = await startLab({ spec, root, ...(await prepareMachine(spec)) });
  const onProgress = showProgress(context.progress, spec.hosts.length);
  const end = async () => {
    context.progress.step("ending the lab");
    await endLab(lab);
  };
  try {
    const started = await waitUntilReady(lab, { timeout, signal, onProgress });
    if (!signal.aborted) return { lab, started };
    await end();
    return { lab, started: { kind: "interrupted" } };
  } catch (error) {
    await end();
    throw error;
  }
}

/**
 * Starts a lab and waits until it is ready. A signal ends it again, and whatever throws; a lab that fails by itself, or is late,
 * stays, so that its logs can tell why.
 * @param timeout seconds
 * @throws UserError where this machine cannot run it, or it runs already
 */
export function bringUp(context: Context, spec: LabSpec, timeout: number): Promise<Interruptible<BroughtUp>> {
  return withInterrupt((signal) => startAndWait(context, spec, timeout, signal));
}

/** What to do about a lab that is not ready, and stays. */
export function stillRuns({ record: { name } }: Lab): string {
  return `it still runs: meshflake lab status --name ${name}, meshflake lab logs HOST UNIT --name ${name}; meshflake lab down --name ${name} ends it`;
}

/**
 * @param hint what to do where it did not get ready
 * @returns milliseconds that it took
 * @throws UserError where it did not get ready
 */
export function requireReady({ lab, started }: BroughtUp, timeout: number, hint: string): number {
  if (started.kind === "ready") return started.afterMs;
  const { name } = lab.record;
  if (started.kind === "failed") throw new UserError(`the lab ${name} failed: ${started.message}`, hint, 1);
  const waits = started.kind === "late" && started.waitsFor !== null ? `; it waits for this: ${started.waitsFor}` : "";
  throw new UserError(`the lab ${name} was not ready after ${timeout} s${waits}`, hint, 1);
}
