import { findTypeErrors } from "../../generators/load/source/types.js";
import { FleetError, isFatal } from "../../generators/model/problem.js";
import type { FleetPlan } from "../../generators/plan/types.js";
import { findSecretProblems } from "../check/secrets.js";
import { findWaiting, type Waiting } from "../check/waiting.js";
import type { CommandOptions, CommandResult, Context } from "../context.js";
import { nameSome } from "../summary/words.js";
import { compileTargets, describeTarget, type Target } from "../targets.js";
import { count } from "../terminal/words.js";

interface Summary {
  readonly environment: string | null;
  readonly hosts: number;
  readonly clusters: number;
  /** Ordered pairs of hosts that a packet was followed between. */
  readonly pairs: number;
  readonly relays: number;
  /** Pairs that wait for the address of a provider. */
  readonly waiting: Waiting;
}

function summarize({ environment, plan }: Target): Summary {
  const clusters = [...plan.clusters.values()];
  const waiting = findWaiting(plan);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    environment,
    hosts: plan.hosts.size,
    clusters: clusters.length,
    pairs:
      sum(clusters.map(({ cluster }) => cluster.hosts.length * (cluster.hosts.length - 1))) - 2 * (waiting.pairs ?? 0),
    relays: sum(clusters.map(({ cluster }) => cluster.mesh.relays.length)),
    waiting,
  };
}

/** Hosts without a key yet, which a later step makes. */
function countKeyless(plan: FleetPlan): number {
  return [...plan.hosts.values()].filter(({ mesh }) => mesh.publicKey === null).length;
}

function describeWaiting({ pairs, hosts }: Waiting): string {
  if (hosts.length === 0) return "";
  const names = nameSome(hosts);
  const which = pairs === null ? "pairs" : count(pairs, "pair");
  return `\n  ${which} ${pairs === 1 ? "waits" : "wait"} for the address${hosts.length > 1 ? "es" : ""} of ${names}`;
}

function describe(target: Target, context: Context): string {
  const { hosts, clusters, pairs, relays, waiting } = summarize(target);
  const { green, bold } = context.colors;
  const where = clusters === 1 ? "" : ` in ${count(clusters, "cluster")}`;
  const away = relays === 0 ? "" : `, also with ${relays === 1 ? "the relay" : `each of ${relays} relays`} taken away`;
  const all =
    waiting.hosts.length === 0 ? `all ${count(pairs, "ordered pair")}` : "all pairs that have their addresses";
  const proof = pairs === 0 ? "" : `: packets arrive between ${all}${away}`;
  const missing = countKeyless(target.plan);
  const keys = missing === 0 ? "" : `\n  ${count(missing, "host")} without keys yet: meshflake generate makes them`;
  return `${green("✓")} ${bold(describeTarget(target))}: ${count(hosts, "host")}${where}${proof}${describeWaiting(waiting)}${keys}`;
}

export async function run(context: Context, _args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const types = options.types === true ? await findTypeErrors(context.root()) : [];
  const compiled = await compileTargets(context, true).catch((error: unknown) => {
    if (error instanceof FleetError) throw new FleetError([...types, ...error.problems]);
    throw error;
  });
  const problems = [...types, ...compiled.problems, ...(await findSecretProblems(context.root(), compiled.targets))];
  if (isFatal(problems, context.options.strict)) throw new FleetError(problems);
  const { targets } = compiled;
  return {
    exitCode: 0,
    text: () => targets.map((target) => describe(target, context)).join("\n"),
    data: () => ({ fleet: targets[0]?.plan.fleet.name, targets: targets.map(summarize) }),
    problems,
  };
}
