import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { identifyProcess } from "../../../lab/client/records.js";
import type { Fault, HostStatus, LabState } from "../../../lab/protocol.js";
import type { LabSpec } from "../../../lab/spec.js";
import { host, site } from "../../lab/checks/lab.js";
import { makeFolder } from "../process.js";

/** A lab that only answers: this process stands in for its first one. */
export interface StandIn {
  /** What commands need to find it. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** What was asked, as `POST /break {…}`. */
  readonly asked: readonly string[];
  close(): void;
}

const UNITS = ["consul", "unbound"];

const HOSTS: readonly HostStatus[] = [
  { name: "cosmo", state: "off", pid: null, units: [] },
  { name: "maco", state: "frozen", pid: 4, units: [] },
  {
    name: "miki",
    state: "up",
    pid: 5,
    units: UNITS.map((name) => ({ name, state: "running", pid: 6, restarts: 0, lastExit: null })),
  },
];

const SPEC: LabSpec = {
  version: 1,
  name: "cats",
  fleet: "cats",
  environment: null,
  domain: "cats.example.org",
  world: {
    sites: [site("london"), site("madrid", { dynamic: true, ipv4: "nat", spare4: ["203.0.113.9"] })],
    names: [],
    resolvers: [],
  },
  hosts: HOSTS.map(({ name }) =>
    host(name, "10.0.0.1", {
      units: UNITS.map((unit) => ({ name: unit, exec: [unit], restart: "always", restartMs: 100, after: [] })),
    }),
  ),
  clusters: [],
};

function stateOf(name: string, faults: readonly Fault[]): LabState {
  return {
    name,
    fleet: "cats",
    environment: null,
    root: "/fleet",
    phase: "ready",
    failure: null,
    startedAt: 0,
    readyAt: 1,
    hosts: HOSTS,
    faults,
    sites: [],
    wireguard: "kernel",
    lines: "netem",
    namespaces: {},
  };
}

/** @param runtime a runtime folder that several may share */
export async function standIn(name: string, runtime = makeFolder(), root = "/fleet"): Promise<StandIn> {
  const folder = join(runtime, "meshflake-labs", name);
  mkdirSync(join(folder, "logs"), { recursive: true, mode: 0o700 });
  const record = { version: 1, name, root, ...identifyProcess(process.pid), rootless: false };
  writeFileSync(join(folder, "record.json"), JSON.stringify(record));
  const asked: string[] = [];
  let faults: readonly Fault[] = [{ kind: "cut", site: "london" }];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const part of request) text += part;
    const route = `${request.method} ${request.url}`;
    if (request.method === "POST") asked.push(`${route} ${text}`);
    if (route === "POST /break") faults = [...faults, JSON.parse(text)];
    if (route === "POST /heal") faults = [];
    const answers: Readonly<Record<string, unknown>> = { "GET /state": stateOf(name, faults), "GET /spec": SPEC };
    response.end(JSON.stringify(answers[route] ?? faults));
  });
  await new Promise<void>((resolve) => server.listen(join(folder, "control.sock"), resolve));
  // A test that fails does not keep the others from their end.
  server.unref();
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { env: { XDG_RUNTIME_DIR: runtime }, folder, asked, close };
}
