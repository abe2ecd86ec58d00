import type { Fault, HealRequest, HostState, HostStatus } from "../protocol.js";
import type { Conditions, LabSpec } from "../spec.js";
import { whyFixed } from "../world/renumber.js";
import { LabError } from "./control/error.js";

/** Which faults there are, which are the same, and which a request means. Pure. */

/** Faults of the network, which the world's rules bring about all together. */
const OF_WORLD: ReadonlySet<Fault["kind"]> = new Set(["cut", "slow", "partition", "drop-family", "shrink-mtu"]);

/** Whether a fault is one of the network. */
export function isOfWorld({ kind }: Fault): boolean {
  return OF_WORLD.has(kind);
}

/** Whether a fault stays until it is healed. */
export function lasts(fault: Fault): boolean {
  return fault.kind !== "renumber" && !(fault.kind === "kill-unit" && fault.restart);
}

/** What a fault breaks, as one text: the same thing is not broken twice, only differently. */
export function placeOf(fault: Fault): string {
  switch (fault.kind) {
    // A host that hangs and then loses its power is one host that is off.
    case "kill":
    case "freeze":
      return `host ${fault.host}`;
    case "kill-unit":
      return `unit ${fault.host} ${fault.unit}`;
    case "partition":
      return `partition ${[fault.site, fault.other].sort().join(" ")}`;
    case "drop-family":
      return `drop-family ${fault.site} ${fault.family}`;
    default:
      return `${fault.kind} ${fault.site}`;
  }
}

/** Whether a fault makes another one pass: it is of the same place, or a host without power, which has no daemons to be dead. */
function covers(fault: Fault, other: Fault): boolean {
  return placeOf(other) === placeOf(fault) || (fault.kind === "kill" && "host" in other && other.host === fault.host);
}

/** The faults with one more; it replaces one of the same place, but a line that is slow already gets slower in one more way. */
export function withFault(faults: readonly Fault[], fault: Fault): Fault[] {
  const others = faults.filter((one) => !covers(fault, one));
  if (!lasts(fault)) return others;
  const earlier = faults.find((one) => one.kind === "slow" && placeOf(one) === placeOf(fault));
  return [...others, earlier === undefined ? fault : { ...earlier, ...fault }];
}

/** Whether something is broken in exactly this way, so that breaking it again changes nothing. */
export function isBroken(faults: readonly Fault[], fault: Fault): boolean {
  const same = faults.filter((one) => one.kind === fault.kind && placeOf(one) === placeOf(fault));
  return lasts(fault) && same.some((one) => !isChanged(one, fault));
}

/** Whether a fault says other figures than an earlier one of the same kind and place. */
function isChanged(earlier: Fault, fault: Fault): boolean {
  const figures: Readonly<Record<string, unknown>> = { ...earlier };
  if (fault.kind === "shrink-mtu") return figures.bytes !== fault.bytes;
  return fault.kind === "slow" && conditionsIn(fault).some((name) => figures[name] !== fault[name]);
}

const CONDITIONS: readonly (keyof Conditions)[] = ["delayMs", "lossPercent", "rateMbit"];

/** What a fault says of a line. */
export function conditionsIn(fault: Extract<Fault, { kind: "slow" }>): readonly (keyof Conditions)[] {
  return CONDITIONS.filter((name) => fault[name] !== undefined);
}

/** What is left of a fault that a request means: of a slow line what it does not name, and else nothing. */
export function remainderOf(fault: Fault, { conditions }: HealRequest): readonly Fault[] {
  if (fault.kind !== "slow" || conditions === undefined) return [];
  const left = conditionsIn(fault).filter((name) => !conditions.includes(name));
  if (left.length === 0) return [];
  return [{ kind: fault.kind, site: fault.site, ...Object.fromEntries(left.map((name) => [name, fault[name]])) }];
}

/** The faults, and for each host that is off by itself that it lost its power: it is healed like one that was killed. */
export function withDead(faults: readonly Fault[], hosts: readonly Pick<HostStatus, "name" | "state">[]): Fault[] {
  const killed = new Set(faults.flatMap((fault) => (fault.kind === "kill" ? [fault.host] : [])));
  const dead = hosts.filter(({ name, state }) => state === "off" && !killed.has(name));
  return dead.reduce<Fault[]>((all, { name }) => withFault(all, { kind: "kill", host: name }), [...faults]);
}

/** What to do about a host that is in the way as it is. */
export function hintFor(host: string, state: HostState): string {
  switch (state) {
    case "off":
      return `meshflake lab heal kill ${host} turns it on again`;
    case "frozen":
      return `meshflake lab heal freeze ${host} lets it go on`;
    default:
      return "wait a moment";
  }
}

/** The sites of a fault; a partition has two, whose order means nothing. */
function sitesOf(fault: Fault): readonly string[] {
  if (fault.kind === "partition") return [fault.site, fault.other];
  return "site" in fault ? [fault.site] : [];
}

/** Whether a request means a fault: all the fields that it gives are the fault's. */
export function isMeant(fault: Fault, { kind, host, site, other, unit, family, conditions }: HealRequest): boolean {
  return (
    (kind === undefined || kind === fault.kind) &&
    (host === undefined || ("host" in fault && fault.host === host)) &&
    (unit === undefined || ("unit" in fault && fault.unit === unit)) &&
    (family === undefined || ("family" in fault && fault.family === family)) &&
    (conditions === undefined || fault.kind === "slow") &&
    [site, other].every((one) => one === undefined || sitesOf(fault).includes(one))
  );
}

function requireKnown(what: string, name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  throw new LabError(404, `the lab has no ${what} ${name}`, `it has ${known.join(", ")}`);
}

function requireNumber(what: string, value: number | null | undefined, least: number, most: number): void {
  if (value == null || (Number.isFinite(value) && value >= least && value <= most)) return;
  throw new LabError(400, `${what} ${value} is not between ${least} and ${most}`);
}

/** The smallest MTU that IPv4 allows (RFC 791). */
const LEAST_MTU = 68;

/**
 * @throws LabError where a fault names what the lab has not, or what cannot be
 */
export function checkFault(fault: Fault, { hosts, world }: LabSpec): void {
  if ("host" in fault)
    requireKnown(
      "host",
      fault.host,
      hosts.map(({ name }) => name),
    );
  const sites = world.sites.map(({ name }) => name);
  if ("site" in fault) requireKnown("site", fault.site, sites);
  switch (fault.kind) {
    case "kill-unit": {
      const units = hosts.find(({ name }) => name === fault.host)?.units ?? [];
      requireKnown(
        `unit on ${fault.host} called`,
        fault.unit,
        units.map(({ name }) => name),
      );
      return;
    }
    case "partition":
      requireKnown("site", fault.other, sites);
      if (fault.site === fault.other) throw new LabError(400, "a partition is between two sites");
      return;
    case "renumber":
      checkRenumber(fault, world);
      return;
    case "shrink-mtu":
      requireNumber("bytes", fault.bytes, LEAST_MTU, 65_535);
      return;
    case "slow":
      requireNumber("delayMs", fault.delayMs, 0, 60_000);
      requireNumber("lossPercent", fault.lossPercent, 0, 100);
      requireNumber("rateMbit", fault.rateMbit, 0.01, 100_000);
      return;
    case "drop-family":
      if (fault.family !== "ipv4" && fault.family !== "ipv6") throw new LabError(400, "the family is ipv4 or ipv6");
      return;
    case "kill":
    case "freeze":
    case "cut":
      return;
    default:
      throw new LabError(400, `the lab breaks nothing called ${(fault as Fault).kind}`);
  }
}

function checkRenumber(fault: Extract<Fault, { kind: "renumber" }>, { sites }: LabSpec["world"]): void {
  const site = sites.find(({ name }) => name === fault.site);
  if (site === undefined) return;
  const fixity = whyFixed(site);
  if (fixity !== null) throw new LabError(400, fixity.reason, fixity.hint);
  if (fault.address !== undefined) requireKnown(`other address of ${site.name}`, fault.address, site.spare4);
}
