import { runIn } from "../../machine/enter.js";
import { fieldsOf, listOf, textOf } from "../../observe/json.js";
import type { HostSpec, LabSpec } from "../../spec.js";
import type { Agent } from "../harness/agent.js";
import type { Harness } from "../harness/harness.js";
import { beginKnocks, endKnocks, type Protocol, readKnocks } from "../harness/knocks.js";
import { pause } from "../harness/wait.js";
import { judgePorts, type PublicAddress } from "../judge/ports.js";
import type { Failure } from "../report.js";

/** Knocks at every port of one public address. */

export const ALL_PORTS: readonly number[] = Array.from({ length: 65_535 }, (_, index) => index + 1);
/** Connections at once, for each site: each takes a file descriptor, and some machines allow few thousand. */
const PARALLEL = 2_000;
/** Milliseconds that a connection may take: ten times a lab's round trip. */
const CONNECT_MS = 250;
/** For ports that are to be open, asked once more by themselves. */
const PATIENT_MS = 2_000;
/** Packets get lost in queues: whatever did not arrive is sent again. */
const ROUNDS = 8;
const SETTLE_MS = 300;

interface Scene {
  readonly agent: Agent;
  readonly target: PublicAddress;
  /** The namespace that sees every packet before anybody decides about it. */
  readonly edge: number;
  /** Every host of the site that is up, by name. */
  readonly hosts: ReadonlyMap<string, number>;
}

/** @returns what of an address is not as planned */
export async function scanAddress(bench: Harness, spec: LabSpec, target: PublicAddress): Promise<Failure[]> {
  const outside = await bench.pidOfNamespace("internet");
  const scanner = await sourceFor(outside, target.address);
  const up = new Map((await bench.entrances()).map(({ name, pid }) => [name, pid]));
  const own = spec.hosts.filter((host) => host.site === target.site);
  const hosts = new Map(own.flatMap(({ name }) => withPid(name, up)));
  const edge = await edgeOf(bench, target, hosts);
  const places = [...new Set([edge, ...hosts.values()])];
  await Promise.all(places.map((pid) => beginKnocks(pid, scanner, target.address)));
  const scene = { agent: await bench.agentOutside(), target, edge, hosts };
  try {
    return [...(await knock(scene, "tcp", bench)), ...(await knock(scene, "udp", bench))];
  } finally {
    await Promise.all(places.map(endKnocks));
  }
}

function withPid(name: string, up: ReadonlyMap<string, number>): (readonly [string, number])[] {
  const pid = up.get(name);
  return pid === undefined ? [] : [[name, pid]];
}

/** @throws Error where the host is not up or the lab has no such router */
function edgeOf(bench: Harness, { arrivesAt }: PublicAddress, hosts: ReadonlyMap<string, number>): Promise<number> {
  const host = hosts.get(arrivesAt.replace(/^host:/, ""));
  if (host !== undefined) return Promise.resolve(host);
  return bench.pidOfNamespace(arrivesAt);
}

/** The address that packets from the internet's own namespace have. @throws Error where there is no route */
async function sourceFor(pid: number, address: string): Promise<string> {
  const { stdout } = await runIn(pid, ["ip", "-j", "route", "get", address]);
  const source = textOf(fieldsOf(listOf(JSON.parse(stdout || "[]"))[0]).prefsrc);
  if (source === "") throw new Error(`the internet has no route to ${address}`);
  return source;
}

async function knock(scene: Scene, protocol: Protocol, bench: Harness): Promise<Failure[]> {
  const { agent, target, edge, hosts } = scene;
  const { address } = target;
  const accepted = new Set<number>();
  let unreached = ALL_PORTS;
  for (let round = 0; round < ROUNDS && unreached.length > 0; round++) {
    if (protocol === "udp") await agent.order("spray", { address, ports: unreached });
    else {
      const timeoutMs = CONNECT_MS * bench.options.patience;
      for (const port of await agent.order("scan", { address, ports: unreached, parallel: PARALLEL, timeoutMs })) {
        accepted.add(port);
      }
    }
    await pause(SETTLE_MS);
    const arrived = new Set(await readKnocks(edge, "arrived", protocol));
    unreached = unreached.filter((port) => !arrived.has(port));
  }
  if (protocol === "tcp") for (const port of await askAgain(scene, accepted, bench)) accepted.add(port);
  const admitted = await Promise.all(
    [...hosts].map(async ([name, pid]) => [name, await readKnocks(pid, "admitted", protocol)] as const),
  );
  return judgePorts(target, protocol, { unreached, admitted: new Map(admitted), accepted: [...accepted] });
}

/** A planned port that did not answer in time among so many others is asked by itself. */
function askAgain({ agent, target }: Scene, accepted: ReadonlySet<number>, bench: Harness): Promise<readonly number[]> {
  const ports = target.openings
    .filter(({ protocol, port }) => protocol === "tcp" && !accepted.has(port))
    .map(({ port }) => port);
  const timeoutMs = PATIENT_MS * bench.options.patience;
  return agent.order("scan", { address: target.address, ports, parallel: 10, timeoutMs });
}

/** Something listens on every port that is planned to be open, so that an open port is one that answers. */
export async function listenOnOpenPorts(bench: Harness, { name, open }: HostSpec): Promise<void> {
  const agent = await bench.agentOn(name);
  for (const { protocol, port } of open) {
    for (const address of ["0.0.0.0", "::"]) await agent.order("listen", { address, port, protocols: [protocol] });
  }
}
