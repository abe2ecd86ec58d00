import { ask, type Daemon, type Question } from "../../observe/clusters/ask.js";
import type { Entrance } from "../../observe/entrance.js";
import type { Remain } from "../../protocol.js";
import type { ClusterSpec } from "../../spec.js";
import type { Check } from "../check.js";
import type { Harness } from "../harness/harness.js";
import { judgeKeyring } from "../judge/keyring.js";
import { judgeSecrecy } from "../judge/secrecy.js";
import { type Failure, verdictOf } from "../report.js";

const SETTLE_SECONDS = 30;
/**
 * Until everything has something to tell, and an agent that did not answer in time does. Agents send their coordinates some ten seconds after they joined, and the leader writes those
 * of all together; a keyring is whole when every member has answered.
 */
const TELL_SECONDS = 60;
/** Between two looks whether there is something to tell: each asks for everything. */
const LOOK_MS = 1_000;
/** What the check itself leaves behind while it asks, so that every path has something to tell. */
const KEY = "meshflake-lab/secrecy";
const JOB = "meshflake-lab-secrecy";

/**
 * Paths that take a token by Consul's and Nomad's documentation of their APIs, and always have something to tell. Leader and peers of
 * `/v1/status/` are told to anybody by design, as are Consul's version and certificate roots, and Nomad's metrics and regions.
 */
const PATHS: Readonly<Record<Daemon, readonly string[]>> = {
  consul: [
    "agent/self",
    "agent/host",
    "agent/members",
    "agent/metrics",
    "catalog/nodes",
    "catalog/services",
    "catalog/service/consul",
    "coordinate/nodes",
    "health/service/consul",
    "health/state/any",
    "internal/ui/nodes",
    "internal/ui/services",
    `kv/${KEY}`,
    "kv/?keys",
    "acl/tokens",
    "acl/policies",
    "operator/raft/configuration",
    "operator/keyring",
    "operator/autopilot/health",
  ],
  nomad: [
    "agent/self",
    "agent/members",
    "agent/host",
    "nodes",
    "node/pools",
    "jobs",
    `job/${JOB}`,
    "namespaces",
    "acl/tokens",
    "operator/raft/configuration",
    "operator/scheduler/configuration",
    "operator/autopilot/configuration",
    "vars",
    `var/${KEY}`,
  ],
};

/** Where the keys of gossip are listed, which only servers answer. */
const KEYRINGS: Readonly<Record<Daemon, string>> = { consul: "operator/keyring", nomad: "agent/keyring/list" };

const SERVERS = { consul: "consulServers", nomad: "nomadServers" } as const;
const LOOK = "meshflake lab status";

/** A job that never runs by itself. */
const SLEEPING_JOB = {
  Job: {
    ID: JOB,
    Name: JOB,
    Type: "batch",
    Datacenters: ["*"],
    ParameterizedJob: { Payload: "optional" },
    TaskGroups: [{ Name: "none", Tasks: [{ Name: "none", Driver: "raw_exec", Config: { command: "/bin/true" } }] }],
  },
};

const PREPARE: Readonly<Record<Daemon, readonly Question[]>> = {
  consul: [{ path: `kv/${KEY}`, method: "PUT", body: "secret" }],
  nomad: [
    { path: "jobs", method: "PUT", body: SLEEPING_JOB },
    { path: `var/${KEY}`, method: "PUT", body: { Path: KEY, Items: { what: "secret" } } },
  ],
};

/** What that leaves. */
function remainsOf(daemon: Daemon, cluster: string): Remain[] {
  if (daemon === "consul") return [{ kind: "keys", cluster, prefix: KEY }];
  return [
    { kind: "job", cluster, name: JOB },
    { kind: "variable", cluster, path: KEY },
  ];
}

export const cluster: Check = {
  name: "cluster",
  title: "Consul and Nomad are whole, tell nothing without a token, and encrypt their gossip",
  async run(harness) {
    const spec = await harness.spec();
    harness.step("leaders, members, voters and clients");
    const { lacks } = await harness.within(SETTLE_SECONDS, () => harness.lacks());
    const failures: Failure[] = lacks.map((seen) => ({
      expected: "every cluster is whole",
      seen,
      look: LOOK,
    }));
    let asked = 0;
    for (const one of spec.clusters) {
      for (const daemon of ["consul", "nomad"] as const) {
        const secrecy = await checkSecrecy(harness, one, daemon, agentsOf(spec.hosts, one, daemon));
        failures.push(...secrecy.failures);
        asked += secrecy.asked;
      }
    }
    return verdictOf([{ name: "paths asked with and without a token", value: asked, unit: "answers" }], failures);
  },
};

/** Hosts with an agent that serves the API. */
function agentsOf(
  hosts: readonly { readonly name: string; readonly consul: unknown; readonly nomad: unknown }[],
  { hosts: own }: ClusterSpec,
  daemon: Daemon,
): string[] {
  return hosts.filter((host) => own.includes(host.name) && host[daemon] !== null).map(({ name }) => name);
}

/** Asks a daemon; a stand-in in tests. */
type Ask = typeof ask;

/** Exported for the tests. */
export async function checkSecrecy(
  harness: Harness,
  cluster: ClusterSpec,
  daemon: Daemon,
  agents: readonly string[],
  asks: Ask = ask,
): Promise<{ readonly failures: Failure[]; readonly asked: number }> {
  const { name, tokens, [SERVERS[daemon]]: servers } = cluster;
  if (servers.length === 0) return { failures: [], asked: 0 };
  const token = tokens[daemon];
  const entrances = (await harness.entrances()).filter((host) => agents.includes(host.name));
  const [first] = entrances;
  if (token === null || first === undefined) {
    const seen = token === null ? "there is no management token" : "none of its agents is up";
    return { failures: [{ expected: `${name}: ${daemon} can be asked with a token`, seen, look: LOOK }], asked: 0 };
  }
  harness.step(`${name}: what ${entrances.length} agents of ${daemon} tell without a token`);
  await harness.making(...remainsOf(daemon, name));
  const server = entrances.find((host) => servers.includes(host.name)) ?? first;
  const askKeyring = async () => {
    const [keyring] = await asks(server.pid, daemon, [{ path: KEYRINGS[daemon] }], { token });
    return judgeKeyring(daemon, keyring, server.name);
  };
  let last: readonly Failure[] = [];
  await harness.within(
    TELL_SECONDS,
    async () => {
      await asks(first.pid, daemon, PREPARE[daemon], { token });
      const found = await Promise.all(entrances.map((host) => askBoth(host, daemon, token, asks)));
      last = [...found.flat(), ...(await askKeyring())];
      // What was told once is a secret no more, whatever comes later.
      return last.some(({ final }) => final === true) ? [] : last.map(({ seen }) => seen);
    },
    { everyMs: LOOK_MS },
  );
  await harness.takeBack(remainsOf(daemon, name));
  return { failures: [...last], asked: entrances.length * PATHS[daemon].length };
}

const questionsOf = (daemon: Daemon): Question[] => PATHS[daemon].map((path) => ({ path }));

async function askBoth({ name, pid }: Entrance, daemon: Daemon, token: string, asks: Ask): Promise<Failure[]> {
  const anonymous = await asks(pid, daemon, questionsOf(daemon));
  const managed = await asks(pid, daemon, questionsOf(daemon), { token });
  const where = `${daemon === "consul" ? "Consul" : "Nomad"} on ${name}`;
  return anonymous.flatMap((answer, index) => {
    const other = managed[index];
    return other === undefined ? [] : judgeSecrecy(answer, other, where, `meshflake lab logs ${name} ${daemon}`);
  });
}
