import type { Colors } from "../context.js";
import type { FleetComparison, HostChange } from "./types.js";
import {
  describeFiles,
  describeHost,
  describeHostKind,
  describeNames,
  describeValue,
  describeVoters,
} from "./words.js";

/** A comparison for a terminal. */

function formatHost(host: HostChange, colors: Colors): string {
  const sign = { added: colors.green("+"), removed: colors.red("-"), changed: colors.yellow("~") }[host.kind];
  const kind = describeHostKind(host);
  const title = `${sign} ${colors.bold(host.name)}${kind === "" ? "" : ` ${colors.dim(`(${kind})`)}`}`;
  return [title, ...describeHost(host).map((line) => `    ${line}`)].join("\n");
}

/** @returns the comparison in words, empty where nothing differs */
export function formatComparison(
  { fleet, cautions, hosts, voters, names, files }: FleetComparison,
  colors: Colors,
): string {
  const counts = describeFiles(files);
  const rafts = voters.map((voter) => `  ${describeVoters(voter)}`);
  const zones = names.map((change) => `  ${describeNames(change)}`);
  const shared = fleet.map((change) => `  ${describeValue(change)}`);
  return [
    ...cautions.map((caution) => `${colors.red("caution:")} ${caution}`),
    ...(shared.length > 0 ? [[colors.bold("All hosts"), ...shared].join("\n")] : []),
    ...hosts.map((host) => formatHost(host, colors)),
    ...(rafts.length > 0 ? [[colors.bold("Raft voters"), ...rafts].join("\n")] : []),
    ...(zones.length > 0 ? [[colors.bold("DNS"), ...zones].join("\n")] : []),
    ...(counts === "" ? [] : [`${colors.bold("Generated files")}: ${counts}`]),
  ].join("\n");
}
