import { count } from "../terminal/words.js";
import type { FileCounts, HostChange, NameChange, UnitChange, ValueChange, VoterChange } from "./types.js";

/** A comparison in words, shared by the text and the Markdown. */

/** Names beyond this many are counted: a new relay has a peer in every host. */
const NAME_LIMIT = 8;

export function nameSome(names: readonly string[]): string {
  const rest = names.length - NAME_LIMIT;
  return rest > 0 ? `${names.slice(0, NAME_LIMIT).join(", ")} and ${rest} more` : names.join(", ");
}

/** Ports in one line, for a table. */
export function describePorts({ kind, opened, closed }: HostChange): string {
  if (kind === "removed") return "";
  const parts = [
    opened.length > 0 && `opens to ${groupPorts(opened)}`,
    closed.length > 0 && `closes to ${groupPorts(closed)}`,
  ];
  return parts.filter(Boolean).join("; ");
}

export function describeValue({ what, before, after }: ValueChange): string {
  if (before === null) return `${what}: ${after}`;
  return after === null ? `${what}: no longer ${before}` : `${what}: ${before} → ${after}`;
}

function describeEndpoint({ what, before, after }: ValueChange): string {
  return `endpoint of ${what}: ${before ?? "none"} → ${after ?? "none"}`;
}

/** `consul and nomad restart; systemd-networkd reloads`. */
export function describeUnits(units: readonly UnitChange[]): string {
  const groups = new Map<string, string[]>();
  for (const { unit, action } of units) groups.set(action, [...(groups.get(action) ?? []), unit]);
  return [...groups]
    .map(([action, names]) => `${names.join(", ")} ${names.length > 1 ? action.slice(0, -1) : action}`)
    .join("; ");
}

/** Generated files whose change no view explains, such as users or kernel parameters. */
function describeOtherFiles({ files, kind, units }: HostChange): string[] {
  const other = files.filter((file) => !/^(network|mesh|consul|nomad|dns)\.nix$/.test(file));
  if (kind !== "changed" || other.length === 0) return [];
  return [`${units.length > 0 ? "also changes" : "changes"} ${nameSome(other)}`];
}

/** `world tcp 80`, `world tcp 443` in one: `world tcp 80 443`; the world comes first. */
function groupPorts(ports: readonly string[]): string {
  const groups = new Map<string, string[]>();
  for (const port of ports) {
    const cut = port.lastIndexOf(" ");
    const key = port.slice(0, cut);
    groups.set(key, [...(groups.get(key) ?? []), port.slice(cut + 1)]);
  }
  const first = [...groups].filter(([key]) => key.startsWith("world"));
  const rest = [...groups].filter(([key]) => !key.startsWith("world"));
  return [...first, ...rest].map(([key, numbers]) => `${key} ${nameSome(numbers)}`).join(", ");
}

function describeLists(host: HostChange): string[] {
  const lists: (readonly [string, readonly string[], (names: readonly string[]) => string])[] = [
    ["peers gained", host.peersGained, nameSome],
    ["peers lost", host.peersLost, nameSome],
    ["now reaches", host.behindGained, nameSome],
    ["no longer reaches", host.behindLost, nameSome],
    ["opens to", host.opened, groupPorts],
    ["closes to", host.closed, groupPorts],
  ];
  return lists.flatMap(([title, names, print]) => (names.length === 0 ? [] : [`${title}: ${print(names)}`]));
}

/** What changes on a host, one thing a line, the most far-reaching first. */
export function describeHost(host: HostChange): string[] {
  const stays = host.kind !== "removed";
  return [
    ...(stays ? [...host.facts, ...host.addresses].map(describeValue) : []),
    ...(stays ? describeLists(host) : []),
    ...host.endpoints.slice(0, NAME_LIMIT).map(describeEndpoint),
    ...(host.endpoints.length > NAME_LIMIT ? [`${host.endpoints.length - NAME_LIMIT} more endpoints`] : []),
    ...(host.kind === "changed" ? host.keys.map(describeValue) : []),
    ...(host.units.length > 0 ? [describeUnits(host.units)] : []),
    ...describeOtherFiles(host),
  ];
}

function describeMembers(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}

/** `consul of cats: cosmo, maco → cosmo, maco, miki`, and who restarts. */
export function describeVoters({ cluster, system, before, after, restarting }: VoterChange): string {
  const members =
    before.join() === after.join()
      ? `${count(after.length, "voter")} as before`
      : `${describeMembers(before)} → ${describeMembers(after)}`;
  const restarts =
    restarting.length === 0
      ? ""
      : `; restarts on ${nameSome(restarting)}${restarting.length > 1 ? ", to be rolled out one at a time" : ""}`;
  return `${system} of ${cluster}: ${members}${restarts}`;
}

/** `names of cats: gained pi4.mesh.cats.example.org (10.10.0.7); unbound restarts on all 6 hosts`. */
export function describeNames({ cluster, gained, lost, hosts }: NameChange): string {
  const parts = [gained.length > 0 && `gained ${nameSome(gained)}`, lost.length > 0 && `lost ${nameSome(lost)}`];
  return `names of ${cluster}: ${parts.filter(Boolean).join("; ")}; unbound restarts on ${hosts === 1 ? "1 host" : `all ${hosts} hosts`}`;
}

export function describeFiles({ created, updated, comments, deleted }: FileCounts): string {
  const inComments = comments === updated ? "in comments alone" : `${comments} of them in comments alone`;
  const parts = [
    created > 0 && `${created} new`,
    updated > 0 && `${updated} changed${comments > 0 ? ` (${inComments})` : ""}`,
    deleted > 0 && `${deleted} gone`,
  ];
  return parts.filter(Boolean).join(", ");
}

export function describeHostKind({ kind }: HostChange): string {
  return { added: "new host", removed: "host goes", changed: "" }[kind];
}
