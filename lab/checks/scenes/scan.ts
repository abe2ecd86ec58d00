import { setTimeout as sleep } from "node:timers/promises";
import { runIn } from "../../machine/enter.js";
import { fieldsOf, listOf, textOf } from "../../observe/json.js";
import type { HostSpec, LabSpec } from "../../spec.js";
import type { Agent } from "../harness/agent.js";
import type { Harness } from "../harness/harness.js";
import { beginKnocks, knocksIn, type Protocol, readKnocks } from "../harness/knocks.js";
import { judgePorts, type PublicAddress } from "../judge/ports.js";
import type { Failure } from "../report.js";

/** Knocks at every port of one public address. */

export const ALL_PORTS: readonly number[] = Array.from({ length: 65_535 }, (_, index) => index + 1);
/** Connections at once: each takes a file descriptor, and some machines allow few thousand. */
const PARALLEL = 1_000;
/** Milliseconds between two such batches: enough to send them. Whoever lets one in is asked again, with patience. */
const KNOCK_MS = 20;
/** For ports that are to be open, or that somebody let a packet through to. */
const PATIENT_MS = 2_000;
/** Packets get lost in queues: whatever did not arrive is sent again. */
const ROUNDS = 8;
const SETTLE_MS = 300;

interface Scene {
  readonly agent: Agent;
  readonly target: PublicAddress;
  /** The namespace that sees every packet before anybody decides about it. */
  readonly edge: number;
  /** Everybody who might let a packet in, by name: the site's hosts that are up, and its routers. */
  readonly inside: ReadonlyMap<string, number>;
}

/** @returns what of an address is not as planned */
export async function scanAddress(harness: Harness, spec: LabSpec, target: PublicAddress): Promise<Failure[]> {
  const outside = await harness.pidOfNamespace("internet");
  const scanner = await sourceFor(outside, target.address);
  const inside = await insideOf(harness, spec, target.site);
  const edge = inside.get(target.arrivesAt);
  if (edge === undefined) throw new Error(`the lab has no ${target.arrivesAt} that is up`);
  const remains = [...inside.keys()].map(knocksIn);
  const isBehind = target.arrivesAt.startsWith("host:");
  await harness.making(...remains);
  await Promise.all(
    [...inside].map(([name, pid]) => {
      const isPassage = isBehind && !name.startsWith("host:");
      return beginKnocks(pid, scanner, target.address, { isPassage });
    }),
  );
  const scene = { agent: await harness.agentOutside(), target, edge, inside };
  try {
    const patience = PATIENT_MS * harness.options.patience;
    return [...(await knockTcp(scene, patience)), ...(await knockUdp(scene))];
  } finally {
    await harness.takeBack(remains);
  }
}

/** Namespaces of a site by their names, as `arrivesAt` has them. */
async function insideOf(harness: Harness, spec: LabSpec, site: string): Promise<ReadonlyMap<string, number>> {
  const [{ namespaces }, entrances] = await Promise.all([harness.state(), harness.entrances()]);
  const own = new Set(spec.hosts.filter((host) => host.site === site).map(({ name }) => name));
  const hosts = entrances.filter(({ name }) => own.has(name)).map(({ name, pid }) => [`host:${name}`, pid] as const);
  const routers = Object.entries(namespaces).filter(([name]) => name === `site:${site}` || name === `carrier:${site}`);
  return new Map([...hosts, ...routers]);
}

/** The address that packets from the internet's own namespace have. @throws Error where there is no route */
async function sourceFor(pid: number, address: string): Promise<string> {
  const { stdout } = await runIn(pid, ["ip", "-j", "route", "get", address]);
  const source = textOf(fieldsOf(listOf(JSON.parse(stdout || "[]"))[0]).prefsrc);
  if (source === "") throw new Error(`the internet has no route to ${address}`);
  return source;
}

/** Sends to all ports until a packet has arrived for each, or no more do. @returns ports for which none has */
async function knockAll(
  { edge }: Scene,
  protocol: Protocol,
  send: (ports: readonly number[]) => Promise<unknown>,
): Promise<readonly number[]> {
  let unreached = ALL_PORTS;
  for (let round = 0; round < ROUNDS && unreached.length > 0; round++) {
    await send(unreached);
    await sleep(SETTLE_MS);
    const arrived = new Set(await readKnocks(edge, "arrived", protocol));
    unreached = unreached.filter((port) => !arrived.has(port));
  }
  return unreached;
}

async function readAdmitted({ inside }: Scene, protocol: Protocol): Promise<ReadonlyMap<string, readonly number[]>> {
  const all = await Promise.all(
    [...inside].map(async ([name, pid]) => [name, await readKnocks(pid, "admitted", protocol)] as const),
  );
  return new Map(all.filter(([, ports]) => ports.length > 0));
}

async function knockUdp(scene: Scene): Promise<Failure[]> {
  const { agent, target } = scene;
  const unreached = await knockAll(scene, "udp", (ports) => agent.order("spray", { address: target.address, ports }));
  return judgePorts(target, "udp", { unreached, admitted: await readAdmitted(scene, "udp"), accepted: [] });
}

/**
 * A connection can only be made where its first packet was let in, so ports that let one in, and those that are to, are asked once
 * more by themselves, with time to answer.
 */
async function knockTcp(scene: Scene, timeoutMs: number): Promise<Failure[]> {
  const { agent, target } = scene;
  const { address, openings } = target;
  const order = { address, parallel: PARALLEL };
  const unreached = await knockAll(scene, "tcp", (ports) =>
    agent.order("scan", { ...order, ports, timeoutMs: KNOCK_MS }),
  );
  const admitted = await readAdmitted(scene, "tcp");
  const planned = openings.filter(({ protocol }) => protocol === "tcp").map(({ port }) => port);
  const ports = [...new Set([...planned, ...[...admitted.values()].flat()])];
  const accepted = await agent.order("scan", { ...order, ports, timeoutMs });
  return judgePorts(target, "tcp", { unreached, admitted, accepted });
}

/** Something listens on every port that is planned to be open, so that an open port is one that answers. */
export async function listenOnOpenPorts(harness: Harness, { name, open }: HostSpec): Promise<void> {
  const agent = await harness.agentOn(name);
  for (const { protocol, port } of open) {
    for (const address of ["0.0.0.0", "::"]) await agent.order("listen", { address, port, protocols: [protocol] });
  }
}
