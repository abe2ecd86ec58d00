import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { identifyProcess } from "../../../lab/client/records.js";
import type { Fault, HealRequest, HostStatus, LabState } from "../../../lab/protocol.js";
import { isMeant, remainderOf, withFault } from "../../../lab/run/faults.js";
import { statusOfSite } from "../../../lab/run/world/sites.js";
import type { LabSpec, WorldSpec } from "../../../lab/spec.js";
import { renumber } from "../../../lab/world/renumber.js";
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
    sites: [
      site("london"),
      site("madrid", { dynamic: true, ipv4: "nat", wan4: "203.0.113.8", spare4: ["203.0.113.9"] }),
    ],
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

/** The faults once one has been healed. */
function recover(faults: readonly Fault[], request: HealRequest): readonly Fault[] {
  return faults.flatMap((fault) => (isMeant(fault, request) ? remainderOf(fault, request) : [fault]));
}

function stateOf(name: string, faults: readonly Fault[], world: WorldSpec): LabState {
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
    test: { holder: null, remains: [] },
    sites: world.sites.map(statusOfSite),
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
  let world = SPEC.world;
  let faults: readonly Fault[] = [{ kind: "cut", site: "london" }];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const part of request) text += part;
    const route = `${request.method} ${request.url}`;
    if (request.method === "POST") asked.push(`${route} ${text}`);
    if (route === "POST /break") faults = withFault(faults, JSON.parse(text));
    if (route === "POST /break" && JSON.parse(text).kind === "renumber") ({ world } = renumber(world, "madrid"));
    if (route === "POST /heal") faults = recover(faults, JSON.parse(text));
    const answers: Readonly<Record<string, unknown>> = {
      "GET /state": stateOf(name, faults, world),
      "GET /spec": SPEC,
    };
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
