import type { Observation } from "../../../lab/observe/observe.js";
import type { HostStatus, LabState, UnitStatus } from "../../../lab/protocol.js";
import type { Colors } from "../../context.js";
import { formatColumns } from "../../terminal/columns.js";
import { count } from "../../terminal/words.js";
import { describeFault } from "../faults/faults.js";
import { listRemains } from "../remains/words.js";
import { type Cell, formatMatrix } from "./matrix.js";
import { formatSites } from "./sites.js";
import { shortTime, wrapWords } from "./words.js";

/** What `lab status` prints of an observation. */

type Cluster = Observation["clusters"][number];
type Agents = NonNullable<Cluster["consul"] | Cluster["nomad"]>;

export interface StatusStyle {
  readonly colors: Colors;
  /** Characters of a line. */
  readonly width: number;
}

function formatHead({ state, at }: Observation, { bold, red, green }: Colors): string {
  const { name, fleet, environment, phase, failure, startedAt, readyAt, wireguard, lines } = state;
  const of = environment === null ? fleet : `${fleet}, environment ${environment}`;
  const ready = readyAt === null ? phase : `ready in ${((readyAt - startedAt) / 1000).toFixed(1)} s`;
  const tint = phase === "failed" ? red : green;
  const why = failure === null ? "" : `: ${failure}`;
  const up = shortTime((at - startedAt) / 1000);
  return `${bold(name)} (${of}): ${tint(`${ready}${why}`)}, running for ${up}; WireGuard: ${wireguard}, lines: ${lines}`;
}

/** Units that are neither running nor done with what they do once. */
function isAmiss({ state }: UnitStatus): boolean {
  return state === "failed" || state === "stopped";
}

function describeUnits(units: readonly UnitStatus[], { red, yellow }: Colors): string {
  if (units.length === 0) return "";
  const amiss = units
    .filter(isAmiss)
    .map(({ name, state, lastExit }) => red(`${name} ${state}${lastExit === null ? "" : ` (${lastExit})`}`));
  const again = units
    .filter(({ restarts }) => restarts > 0)
    .map(({ name, restarts }) => yellow(`${name} started ${count(restarts + 1, "time")}`));
  return [`${units.length - amiss.length} of ${units.length}`, ...amiss, ...again].join(", ");
}

function formatHosts(hosts: readonly HostStatus[], colors: Colors): string[] {
  const tint = { up: colors.green, booting: colors.yellow, frozen: colors.cyan, off: colors.red };
  const rows = hosts.map(({ name, state, units }) => [
    name,
    tint[state](state),
    state === "off" ? "" : describeUnits(units, colors),
  ]);
  return formatColumns([["HOST", "STATE", "UNITS"], ...rows]);
}

function describeAgents(name: string, seen: Agents | null, { red }: Colors): string {
  if (seen === null) return `${name}: ${red("nobody answers")}`;
  const voters = seen.peers.filter(({ voter }) => voter).map((peer) => peer.name);
  const leader = seen.leader === null ? red("no leader") : `leader ${seen.leader}`;
  const words = [leader, `voters ${voters.length === 0 ? "unknown" : voters.join(", ")}`];
  if ("members" in seen)
    words.push(
      `${seen.members.filter(({ status }) => status === "alive").length} of ${count(seen.members.length, "member")} alive`,
    );
  else
    words.push(
      `${seen.clients.filter(({ status }) => status === "ready").length} of ${count(seen.clients.length, "client")} ready`,
    );
  return `${name}: ${words.join("; ")}`;
}

function reachCell(reach: Cluster["reach"], colors: Colors): (from: string, to: string) => Cell {
  return (from, to) => {
    const row = reach[from];
    if (row === undefined) return { text: "-", sign: "-" };
    const ms = row[to] ?? null;
    return ms === null
      ? { text: "×", sign: "×", tint: colors.red }
      : { text: String(Math.round(ms)), sign: "+", tint: colors.green };
  };
}

function formatCluster(cluster: Cluster, hosts: readonly string[], { colors, width }: StatusStyle): string[] {
  const { name, lacks, consul, nomad, reach } = cluster;
  const state = lacks.length === 0 ? colors.green("whole") : colors.red("lacks something");
  return [
    `${colors.bold(`Cluster ${name}`)}: ${state}`,
    ...lacks.map((text) => `  ${colors.red("!")} ${text}`),
    `  ${describeAgents("Consul", consul, colors)}`,
    `  ${describeAgents("Nomad", nomad, colors)}`,
    "",
    `${colors.bold("Who reaches whom")}: milliseconds there and back, or + yes; × no; - cannot be asked`,
    ...formatMatrix(hosts, reachCell(reach, colors), width - 2).map((line) => `  ${line}`),
  ];
}

/** WireGuard's REJECT_AFTER_TIME: a session that is older carries nothing any more. */
const STALE_SECONDS = 180;

function describeLink({ interface: device, peer, handshakeAge }: Observation["links"][number]): string {
  const age = handshakeAge === null ? "never" : shortTime(handshakeAge);
  const stale = handshakeAge === null || handshakeAge > STALE_SECONDS ? "!" : "";
  return `${device === "mesh" ? peer : device} ${age}${stale}`;
}

function formatLinks({ links, state }: Observation, { colors, width }: StatusStyle): string[] {
  const names = state.hosts.map(({ name }) => name).filter((name) => links.some(({ host }) => host === name));
  const column = Math.max(0, ...names.map((name) => name.length)) + 2;
  return [
    `${colors.bold("Links")}: age of the last handshake of each peer; ! over ${STALE_SECONDS} s`,
    ...names.flatMap((name) => {
      const own = links.filter(({ host }) => host === name).map(describeLink);
      return wrapWords(`  ${name.padEnd(column)}`, own, width);
    }),
  ];
}

function formatServices({ services }: Observation, { red }: Colors): string[] {
  return services.map(({ cluster, name, instances }) => {
    const places = instances.map(({ host, port, passing }) => {
      const place = port === 0 ? host : `${host}:${port}`;
      return passing ? place : red(`${place} (failing)`);
    });
    return `  ${name} (${cluster}): ${places.length === 0 ? "nowhere" : places.join(", ")}`;
  });
}

function formatFaults({ faults }: LabState, { red }: Colors): string[] {
  return faults.length === 0 ? [] : ["", red("Broken:"), ...faults.map((fault) => `  ${describeFault(fault)}`)];
}

/** While one is under way, what it has made is as it should be. */
function formatTest({ test: { holder, remains } }: LabState, { yellow }: Colors): string[] {
  if (holder !== null) return ["", `A test is under way: process ${holder.pid}`];
  if (remains.length === 0) return [];
  return [
    "",
    yellow("Left by a test that was killed; meshflake lab heal takes it back:"),
    ...listRemains(remains).map((text) => `  ${text}`),
  ];
}

/** Everything, in lines that fit. */
export function formatStatus(
  seen: Observation,
  hostsOf: (cluster: string) => readonly string[],
  style: StatusStyle,
): string {
  const { colors } = style;
  const { sites } = seen.state;
  const services = formatServices(seen, colors);
  return [
    formatHead(seen, colors),
    ...formatFaults(seen.state, colors),
    ...formatTest(seen.state, colors),
    "",
    ...formatHosts(seen.state.hosts, colors),
    "",
    `${colors.bold("Sites")}: how each goes out, and its public addresses`,
    ...formatSites(sites, style.width),
    ...seen.clusters.flatMap((cluster) => ["", ...formatCluster(cluster, hostsOf(cluster.name), style)]),
    ...(seen.links.length === 0 ? [] : ["", ...formatLinks(seen, style)]),
    ...(services.length === 0 ? [] : ["", colors.bold("Services"), ...services]),
  ].join("\n");
}
