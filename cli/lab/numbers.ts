import { UserError } from "../../generators/model/problem.js";
import type { CommandOptions } from "../context.js";

/** Numbers of the lab's commands, written plainly: neither `1e3` nor `0x10` nor ` 1`. */

export interface Range {
  readonly least: number;
  readonly most: number;
  readonly unit?: string;
  /** @default false */
  readonly fraction?: boolean;
}

const WHOLE = /^[0-9]{1,9}$/;
const FRACTION = /^[0-9]{1,9}(?:\.[0-9]{1,6})?$/;

/**
 * @param what it is, as the person knows it: `--delay`, `BYTES`
 * @throws UserError where it is no number of that range
 */
export function parseNumber(text: string, what: string, { least, most, unit = "", fraction = false }: Range): number {
  const value = Number(text);
  if ((fraction ? FRACTION : WHOLE).test(text) && value >= least && value <= most) return value;
  const kind = fraction ? "a number" : "a whole number";
  throw new UserError(`${what}: \`${text}\` is not ${kind} from ${least} to ${most}${unit === "" ? "" : ` ${unit}`}`);
}

/** The number of an option. @returns undefined where it was not given */
export function numberOption(value: unknown, flag: string, range: Range): number | undefined {
  return typeof value === "string" ? parseNumber(value, flag, range) : undefined;
}

/** Seconds; twenty hosts are ready in 90 on two cores. */
export const DEFAULT_TIMEOUT = 180;

/** `--timeout`, in seconds. */
export function parseTimeout({ timeout }: CommandOptions): number {
  return numberOption(timeout, "--timeout", { least: 1, most: 3600, unit: "seconds" }) ?? DEFAULT_TIMEOUT;
}
