import type { Command } from "commander";
import type { Conditions } from "../../../lab/spec.js";
import type { LineConditions } from "../../../lab/world/plan.js";
import type { CommandOptions } from "../../context.js";
import { numberOption, parseNumber, type Range } from "../numbers.js";

/** Options that say how a line to the internet behaves. */

interface ConditionOption extends Range {
  readonly name: "delay" | "loss" | "rate";
  readonly field: keyof Conditions;
  readonly value: string;
  readonly summary: string;
}

/** A minute of delay, and 100 Gbit/s, are beyond any line. */
const OPTIONS: readonly ConditionOption[] = [
  {
    name: "delay",
    field: "delayMs",
    value: "ms",
    summary: "milliseconds, one way",
    least: 0,
    most: 60_000,
    unit: "ms",
    fraction: true,
  },
  {
    name: "loss",
    field: "lossPercent",
    value: "percent",
    summary: "packets lost, in percent",
    least: 0,
    most: 100,
    unit: "percent",
    fraction: true,
  },
  {
    name: "rate",
    field: "rateMbit",
    value: "mbit",
    summary: "megabits a second",
    least: 0.01,
    most: 100_000,
    unit: "Mbit/s",
    fraction: true,
  },
];

export const CONDITION_NAMES: readonly string[] = OPTIONS.map(({ name }) => name);

/** @param of whose line, for help */
export function withConditions(command: Command, of: string): Command {
  for (const { name, value, summary } of OPTIONS) command.option(`--${name} <${value}>`, `${of}: ${summary}`);
  return command;
}

/** The values of an option that may come again. */
function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** For a lab that is about to start, whose lines may differ by site: `--delay 5 --delay madrid=80`. */
export function withLineConditions(command: Command): Command {
  for (const { name, value, summary } of OPTIONS)
    command.option(`--${name} <[site=]${value}>`, `the sites' lines, or one site's: ${summary}`, collect);
  return command;
}

/**
 * What `withLineConditions` was given, of which the last one of a site counts. Which sites there are is for the lab's plan to say.
 * @throws UserError where one is out of range
 */
export function readLineConditions(options: CommandOptions): LineConditions {
  const every: Partial<Record<keyof Conditions, number>> = {};
  const sites: Record<string, typeof every> = {};
  for (const { name, field, ...range } of OPTIONS) {
    for (const text of [options[name] ?? []].flat().map(String)) {
      const [, site, value = ""] = /^(?:([^=]*)=)?(.*)$/.exec(text) ?? [];
      const number = parseNumber(value, `--${name}${site === undefined ? "" : ` ${site}`}`, range);
      if (site === undefined) every[field] = number;
      else sites[site] = { ...sites[site], [field]: number };
    }
  }
  return { ...every, ...(Object.keys(sites).length > 0 && { sites }) };
}

/** @returns the fields that were given @throws UserError where one is out of range */
export function readConditions(options: CommandOptions): Partial<Conditions> {
  const given = OPTIONS.map(({ name, field, ...range }) => [field, numberOption(options[name], `--${name}`, range)]);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** For what undoes them: the figure may be left out. */
export function withConditionsToHeal(command: Command): Command {
  for (const { name, value } of OPTIONS)
    command.option(`--${name} [${value}]`, `slow: this alone, as lab status has it`);
  return command;
}

/** @returns the fields that were named, each with its figure, or with null where none was given @throws UserError where one is out of range */
export function readConditionsToHeal(options: CommandOptions): ReadonlyMap<keyof Conditions, number | null> {
  const named = OPTIONS.filter(({ name }) => options[name] !== undefined);
  return new Map(
    named.map(({ name, field, ...range }) => [field, numberOption(options[name], `--${name}`, range) ?? null]),
  );
}
