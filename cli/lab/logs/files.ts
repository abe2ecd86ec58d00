import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { suggestName } from "../../../generators/load/nearest.js";
import { UserError } from "../../../generators/model/problem.js";
import type { Lab } from "../../../lab/client/records.js";
import type { HostStatus } from "../../../lab/protocol.js";

/** What a host's units printed: a file a unit in the lab's folder. */

export interface UnitLog {
  readonly unit: string;
  readonly file: string;
}

/** A line of a log. */
export interface LogLine {
  readonly unit: string;
  readonly line: string;
}

function listWritten(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((name) => (name.endsWith(".log") ? [name.slice(0, -".log".length)] : []));
  } catch {
    return [];
  }
}

/**
 * The logs of a host, or of one of its units.
 * @throws UserError where it has no such unit
 */
export function findLogs({ folder }: Lab, { name, units }: HostStatus, unit: string | undefined): UnitLog[] {
  const logs = join(folder, "logs", name);
  // A host that is off has no units at the moment, and its logs still.
  const known = [...new Set([...units.map((one) => one.name), ...listWritten(logs)])].sort();
  if (unit !== undefined && !known.includes(unit)) {
    throw new UserError(`${name} has no unit \`${unit}\``, suggestName(unit, known));
  }
  return (unit === undefined ? known : [unit]).map((one) => ({ unit: one, file: join(logs, `${one}.log`) }));
}

function splitLines(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** The last lines of a log; none where the unit never printed anything. */
export function readLast({ unit, file }: UnitLog, lines: number): LogLine[] {
  try {
    const all = splitLines(readFileSync(file, "utf8"));
    return all.slice(Math.max(all.length - lines, 0)).map((line) => ({ unit, line }));
  } catch {
    return [];
  }
}

/** Reads on in a log that grows. */
export class LogFollower {
  private offset: number;
  private rest = "";

  constructor(private readonly log: UnitLog) {
    this.offset = statSync(log.file, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Whole lines that came since the last time; none where there is no file. */
  readNew(): LogLine[] {
    const size = statSync(this.log.file, { throwIfNoEntry: false })?.size ?? 0;
    // Somebody made it anew.
    if (size < this.offset) this.offset = 0;
    if (size === this.offset) return [];
    const lines = (this.rest + this.readUpTo(size)).split("\n");
    this.rest = lines.pop() ?? "";
    return lines.map((line) => ({ unit: this.log.unit, line }));
  }

  private readUpTo(size: number): string {
    const bytes = Buffer.alloc(size - this.offset);
    const file = openSync(this.log.file, "r");
    try {
      const read = readSync(file, bytes, 0, bytes.length, this.offset);
      this.offset += read;
      return bytes.toString("utf8", 0, read);
    } finally {
      closeSync(file);
    }
  }
}
