import type { Cluster, Host } from "../../../model/fleet.js";
import type { Finding, Rule, RuleContext } from "../../rule.js";
import { atCluster, isComplete, listNames } from "../support.js";

/** The servers of Consul and Nomad that vote in Raft, counted per cluster. */

const SYSTEMS = ["consul", "nomad"] as const;
type System = (typeof SYSTEMS)[number];
const TITLE: Readonly<Record<System, string>> = { consul: "Consul", nomad: "Nomad" };

interface Council {
  readonly cluster: Cluster;
  readonly system: System;
  readonly title: string;
  /** Hosts of the cluster that run the system, sorted. */
  readonly members: readonly Host[];
  readonly voters: readonly Host[];
}

/** Consul's and Nomad's voters of every cluster that has members. */
export function* eachCouncil(context: RuleContext): Iterable<Council> {
  const { fleet } = context;
  if (!isComplete(context)) return;
  for (const cluster of fleet.clusters.values()) {
    const hosts = cluster.hosts.flatMap((name) => fleet.hosts.get(name) ?? []);
    for (const system of SYSTEMS) {
      const members = hosts.filter((host) => host[system] !== null);
      const voters = members.filter((host) => host[system]?.server === true);
      if (members.length > 0) yield { cluster, system, title: TITLE[system], members, voters };
    }
  }
}

/** A voter's own place: the line that makes it one. */
export function atVoter({ inputs }: RuleContext, system: System, host: string) {
  return inputs.originsOf(host, [system, "server"]);
}

function* checkNoVoters(context: RuleContext): Iterable<Finding> {
  for (const { cluster, system, title, members, voters } of eachCouncil(context)) {
    if (voters.length > 0) continue;
    const names = listNames(members.map((host) => host.name));
    const message = `the cluster ${cluster.name} has ${title} on ${names}, and no ${title} server`;
    const hint = `set ${system}: { server: true } on one host or, better, three`;
    yield { at: atCluster(context, cluster.name), message, hint };
  }
}

export const votersNone: Rule = {
  code: "voters-none",
  severity: "error",
  title: "A cluster with clients has a server",
  why: "Agents of Consul and clients of Nomad do nothing without a server: no jobs run, and no names resolve below `consul`.",
  needs: "fleet",
  check: checkNoVoters,
};

function* checkEvenVoters(context: RuleContext): Iterable<Finding> {
  for (const { cluster, system, title, voters } of eachCouncil(context)) {
    const count = voters.length;
    const last = voters.at(-1);
    if (last === undefined || count % 2 === 1) continue;
    const survives = count / 2 - 1;
    const message = `the cluster ${cluster.name} has ${count} ${title} servers (${listNames(voters.map((v) => v.name))}), an even number`;
    const hint = `make it ${count - 1} or ${count + 1}; ${count} survive the loss of ${survives === 0 ? "none" : survives}, no more than ${count - 1} would`;
    yield { at: atVoter(context, system, last.name), message, hint };
  }
}

export const votersEven: Rule = {
  code: "voters-even",
  severity: "error",
  title: "The number of voters is odd",
  why: "Raft needs a majority. An even number survives no more losses than the odd one below it, and one machine more can fail; with two voters, losing either stops everything.",
  needs: "fleet",
  check: checkEvenVoters,
};

/** Both projects' production guides advise three or five, and warn above seven. */
const MOST_VOTERS = 7;

function* checkManyVoters(context: RuleContext): Iterable<Finding> {
  for (const { cluster, system, title, voters } of eachCouncil(context)) {
    const last = voters.at(-1);
    if (last === undefined || voters.length <= MOST_VOTERS) continue;
    const message = `the cluster ${cluster.name} has ${voters.length} ${title} servers, more than ${MOST_VOTERS}`;
    const hint = "keep three or five; the others work just as well as clients";
    yield { at: atVoter(context, system, last.name), message, hint };
  }
}

export const votersMany: Rule = {
  code: "voters-many",
  severity: "error",
  title: "A cluster has at most seven voters",
  why: "Every write waits until a majority of the voters has it on disk. More than seven make every write slower, and do not make the cluster safer in practice.",
  needs: "fleet",
  check: checkManyVoters,
};

function* checkOneVoter(context: RuleContext): Iterable<Finding> {
  for (const { cluster, system, title, members, voters } of eachCouncil(context)) {
    const [only] = voters;
    // With fewer than three machines there is no better choice, and nothing to warn of.
    if (only === undefined || voters.length > 1 || members.length < 3) continue;
    const message = `${only.name} is the only ${title} server of the cluster ${cluster.name}: when it fails, the cluster stops`;
    yield { at: atVoter(context, system, only.name), message, hint: `make two more hosts servers of ${title}` };
  }
}

export const votersOne: Rule = {
  code: "voters-one",
  severity: "warning",
  title: "A cluster of three hosts or more survives the loss of a voter",
  why: "A single server is a single point of failure: without it no job is scheduled, and its disk is the only copy of the cluster's state. Three servers survive the loss of one, five of two.",
  needs: "fleet",
  check: checkOneVoter,
};
