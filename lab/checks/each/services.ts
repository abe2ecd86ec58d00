import { ask, readJson } from "../../observe/clusters/ask.js";
import { fieldsOf, listOf, textOf } from "../../observe/json.js";
import type { Remain } from "../../protocol.js";
import type { ClusterSpec, HostSpec, LabSpec } from "../../spec.js";
import type { Check } from "../check.js";
import type { Harness } from "../harness/harness.js";
import { type Failure, verdictOf } from "../report.js";
import { lookFrom } from "../scenes/names.js";
import { checkUpstream } from "../scenes/upstream.js";

const JOB = "meshflake-lab-service";
/** A batch of allocations starts within a second or two; a slow machine's first needs more. */
const REGISTER_SECONDS = 60;

export const services: Check = {
  name: "services",
  title: "A job on every client is found by its name from every host, as are the fleet's names and the world's",
  async run(harness) {
    const spec = await harness.spec();
    const failures: Failure[] = [];
    let names = 0;
    for (const cluster of spec.clusters) {
      const found = await checkCluster(harness, spec, cluster);
      failures.push(...found.failures);
      names += found.names;
    }
    harness.step("a public name, and that it is asked for over TLS alone");
    failures.push(...(await checkUpstream(harness, spec)));
    return verdictOf([{ name: "names looked up", value: names, unit: "answers" }], failures);
  },
};

/** Runs a job on all clients, looks up its name and the fleet's from all hosts, and removes it. */
async function checkCluster(
  harness: Harness,
  spec: LabSpec,
  cluster: ClusterSpec,
): Promise<{ readonly failures: Failure[]; readonly names: number }> {
  const hosts = spec.hosts.filter((host) => host.cluster === cluster.name);
  const clients = hosts.filter(({ nomad, consul }) => nomad?.client === true && consul !== null);
  const runs = clients.length > 0 && cluster.nomadServers.length > 0;
  try {
    const failures = runs ? await startJob(harness, cluster, clients) : [];
    const service =
      runs && failures.length === 0
        ? clients.map(({ meshIp }) => ({ name: `${JOB}.service.consul`, address: meshIp }))
        : [];
    harness.step(`${cluster.name}: names from ${hosts.length} hosts`);
    const looked = await Promise.all(
      hosts.map((host) =>
        lookFrom(harness, host.name, host.consul === null ? host.names : [...host.names, ...service]),
      ),
    );
    return {
      failures: [...failures, ...looked.flatMap((one) => one.failures)],
      names: looked.reduce((sum, one) => sum + one.names, 0),
    };
  } finally {
    if (runs) await harness.takeBack([jobIn(cluster)]);
  }
}

function jobIn({ name }: ClusterSpec): Remain {
  return { kind: "job", cluster: name, name: JOB };
}

/** A system job: one allocation a client, each with a service of its own in Consul. */
function jobOf({ region }: ClusterSpec) {
  const task = {
    Name: "sleep",
    Driver: "raw_exec",
    Config: { command: "sleep", args: ["86400"] },
    Resources: { CPU: 10, MemoryMB: 10 },
    LogConfig: { MaxFiles: 1, MaxFileSizeMB: 1 },
  };
  return {
    Job: {
      ID: JOB,
      Name: JOB,
      Type: "system",
      Region: region,
      Datacenters: ["*"],
      NodePool: "all",
      TaskGroups: [
        {
          Name: "sleep",
          EphemeralDisk: { SizeMB: 10 },
          Networks: [{ DynamicPorts: [{ Label: "hello" }] }],
          Services: [{ Name: JOB, Provider: "consul", PortLabel: "hello" }],
          Tasks: [task],
        },
      ],
    },
  };
}

async function startJob(harness: Harness, cluster: ClusterSpec, clients: readonly HostSpec[]): Promise<Failure[]> {
  harness.step(`${cluster.name}: a job on ${clients.length} clients`);
  const { nomad, consul } = cluster.tokens;
  const pid = await harness.pidOf(cluster.nomadServers[0] ?? "");
  const look = `meshflake lab logs ${cluster.nomadServers[0] ?? ""} nomad`;
  await harness.making(jobIn(cluster));
  const [registered] = await ask(pid, "nomad", [{ path: "jobs", method: "PUT", body: jobOf(cluster) }], {
    token: nomad,
  });
  if (registered?.status !== 200) {
    const seen = `status ${registered?.status}: ${registered?.text.slice(0, 300)}`;
    return [{ expected: `Nomad of ${cluster.name} takes a job`, seen, look }];
  }
  const server = await harness.pidOf(cluster.consulServers[0] ?? "");
  const { lacks } = await harness.within(REGISTER_SECONDS, async () => {
    const [answer] = await ask(server, "consul", [{ path: `catalog/service/${JOB}` }], { token: consul });
    const nodes = readJson(answer, (value) => listOf(value).map((entry) => textOf(fieldsOf(entry).Node))) ?? [];
    return clients.filter(({ name }) => !nodes.includes(name)).map(({ name }) => `${name} has not registered it`);
  });
  return lacks.map((seen) => ({ expected: `every client of ${cluster.name} runs the job`, seen, look }));
}
