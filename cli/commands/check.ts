import { findTypeErrors } from "../../generators/load/source/types.js";
import { FleetError, isFatal } from "../../generators/model/problem.js";
import type { FleetPlan } from "../../generators/plan/types.js";
import { findMergedTrees } from "../check/merged.js";
import { findSecretProblems } from "../check/secrets.js";
import { findWaiting } from "../check/waiting.js";
import type { CommandOptions, CommandResult, Context } from "../context.js";
import { nameSome } from "../summary/words.js";
import { compileTargets, describeTarget, type Target } from "../targets/targets.js";
import { count } from "../terminal/words.js";

interface Summary {
  readonly environment: string | null;
  readonly hosts: number;
  readonly clusters: number;
  /** Ordered pairs of hosts that a packet was followed between. */
  readonly pairs: number;
  readonly relays: number;
  /** Whether every pair still works, whichever relay is down. */
  readonly survivesEveryRelay: boolean;
  readonly waiting: {
    /** Pairs, without regard to order, that wait for the address of a provider. */
    readonly pairs: number;
    /** The hosts without an address. */
    readonly hosts: readonly string[];
  };
}

function summarize({ environment, plan, proof }: Target): Summary {
  return {
    environment,
    hosts: plan.hosts.size,
    clusters: plan.clusters.size,
    pairs: proof.pairs - proof.pending,
    relays: proof.relays,
    survivesEveryRelay: proof.survivesEveryRelay,
    waiting: { pairs: proof.pending / 2, hosts: proof.pending === 0 ? [] : findWaiting(plan) },
  };
}

/** Hosts without a key yet, which a later step makes. */
function countKeyless(plan: FleetPlan): number {
  return [...plan.hosts.values()].filter(({ mesh }) => mesh.publicKey === null).length;
}

function describeWaiting({ pairs, hosts }: Summary["waiting"]): string {
  if (hosts.length === 0) return "";
  const addresses = hosts.length > 1 ? "addresses" : "address";
  return `\n  ${count(pairs, "pair")} ${pairs === 1 ? "waits" : "wait"} for the ${addresses} of ${nameSome(hosts)}`;
}

function describeRelays({ relays, survivesEveryRelay }: Summary): string {
  if (relays === 0) return "";
  if (survivesEveryRelay) return `, also with ${relays === 1 ? "the relay" : `each of ${relays} relays`} taken away`;
  return relays === 1 ? ", while the relay is up" : ", though some need one relay that no other can stand in for";
}

function describe(target: Target, context: Context): string {
  const summary = summarize(target);
  const { hosts, clusters, pairs, waiting } = summary;
  const { green, bold } = context.colors;
  const where = clusters === 1 ? "" : ` in ${count(clusters, "cluster")}`;
  const all =
    waiting.hosts.length === 0 ? `all ${count(pairs, "ordered pair")}` : "all pairs that have their addresses";
  const proof = pairs === 0 ? "" : `: packets arrive between ${all}${describeRelays(summary)}`;
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
  const problems = [
    ...types,
    ...compiled.problems,
    ...(await findSecretProblems(context.root(), compiled.targets)),
    ...findMergedTrees(context.root(), compiled.targets),
  ];
  if (isFatal(problems, context.options.strict)) throw new FleetError(problems);
  const { targets } = compiled;
  return {
    exitCode: 0,
    text: () => targets.map((target) => describe(target, context)).join("\n"),
    data: () => ({ fleet: targets[0]?.plan.fleet.name, targets: targets.map(summarize) }),
    problems,
  };
}
