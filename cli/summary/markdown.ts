import { count } from "../terminal/words.js";
import type { FleetComparison, HostChange } from "./types.js";
import {
  describeFiles,
  describeHost,
  describeHostKind,
  describeNames,
  describePorts,
  describeUnits,
  describeValue,
  describeVoters,
} from "./words.js";

/** A comparison for a pull request. */

/** GitHub rejects a comment above 65,536 characters; what is cut can be seen in the files. */
const DIFF_LIMIT = 50_000;

/** Names and values come from host files: nothing in them may become markup. */
function escapeCell(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#~&]/g, (character) => `\\${character}`);
}

function formatTable(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...rows.map((row) => line(row.map(escapeCell)))];
}

function formatOverview(hosts: readonly HostChange[]): string[] {
  const rows = hosts.map((host) => [
    host.name,
    describeHostKind(host) || "changed",
    [
      host.peersGained.length > 0 && `+${host.peersGained.length}`,
      host.peersLost.length > 0 && `-${host.peersLost.length}`,
    ]
      .filter(Boolean)
      .join(" "),
    describePorts(host),
    describeUnits(host.units),
  ]);
  return formatTable(["Host", "Change", "Peers", "Ports", "Units"], rows);
}

function formatDetails(title: string, lines: readonly string[]): string[] {
  return ["<details>", `<summary>${title}</summary>`, "", ...lines, "", "</details>"];
}

function formatHosts(hosts: readonly HostChange[]): string[] {
  return hosts.flatMap((host) => {
    const lines = describeHost(host);
    return lines.length === 0
      ? []
      : [`**${escapeCell(host.name)}**`, "", ...lines.map((line) => `- ${escapeCell(line)}`), ""];
  });
}

function formatList(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`#### ${title}`, "", ...lines.map((line) => `- ${escapeCell(line)}`), ""];
}

/** A fence that is longer than any in the text. */
function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  return "`".repeat(longest + 1);
}

function formatDiff(diff: string): string[] {
  const cut = diff.length > DIFF_LIMIT ? `${diff.slice(0, diff.lastIndexOf("\n", DIFF_LIMIT))}\n` : diff;
  const ticks = fence(cut);
  const rest = cut === diff ? [] : ["", "The rest is left out: see the changed files."];
  return formatDetails("File diff", [`${ticks}diff`, cut.trimEnd(), ticks, ...rest]);
}

/**
 * @param title the fleet and what it is compared with
 * @param diff the unified diff of all generated files
 * @param note what could not be compared, and why
 */
export function formatMarkdown(
  title: string,
  { fleet, cautions, hosts, voters, names, files }: FleetComparison,
  diff: string,
  note?: string,
): string {
  const heading = [`### ${escapeCell(title)}`, "", ...(note === undefined ? [] : [`Note: ${escapeCell(note)}.`, ""])];
  const counts = describeFiles(files);
  if (hosts.length === 0 && counts === "") return [...heading, "Nothing changes."].join("\n");
  return [
    ...heading,
    note === undefined
      ? `${count(hosts.length, "host")} touched; generated files: ${counts || "none"}.`
      : `Generated files: ${counts || "none"}.`,
    "",
    ...formatList("Caution", cautions),
    ...formatList("All hosts", fleet.map(describeValue)),
    ...(hosts.length > 0 ? [...formatOverview(hosts), ""] : []),
    ...formatList("Raft voters", voters.map(describeVoters)),
    ...formatList("DNS", names.map(describeNames)),
    ...(hosts.length > 0 ? [...formatDetails("What changes on each host", formatHosts(hosts)), ""] : []),
    ...(diff === "" ? [] : formatDiff(diff)),
  ]
    .join("\n")
    .trimEnd();
}
