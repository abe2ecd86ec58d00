import { isObject } from "../load/json.js";
import { findNearest, listNames, sortByNearness } from "../load/nearest.js";
import type { SchemaError } from "../model/generated/schema.js";
import type { ValuePath } from "../model/problem.js";
import { PLATFORMS } from "../model/vocabulary.js";
import { findSchema, platformsWith, type SchemaNode, type SchemaRoot } from "./schema-tree.js";

/** Ajv's errors in the words of people who write host files. */

/** Codes of what a schema rejects. */
export const SCHEMA_CODES = [
  "unknown-field",
  "missing-field",
  "wrong-type",
  "not-one-of",
  "port-range",
  "out-of-range",
  "pattern",
] as const;

export interface SchemaFinding {
  readonly code: (typeof SCHEMA_CODES)[number];
  readonly path: ValuePath;
  readonly message: string;
  readonly hint: string;
}

interface Place {
  readonly error: SchemaError;
  readonly path: ValuePath;
  readonly value: unknown;
  readonly schema: SchemaNode;
}

/** Describes errors, one for each place: a value of the wrong type is not also none of the right values. */
export function describeErrors(root: SchemaRoot, value: unknown, errors: readonly SchemaError[]): SchemaFinding[] {
  const findings = new Map<string, SchemaFinding>();
  for (const error of errors) {
    const { path, found } = follow(value, error.instancePath);
    const finding = describe({ error, path, value: found, schema: findSchema(root, value, path) });
    if (finding === null) continue;
    const key = JSON.stringify(finding.path);
    if (!findings.has(key) || finding.code === "wrong-type") findings.set(key, finding);
  }
  return [...findings.values()];
}

/** Follows a JSON pointer. */
function follow(value: unknown, pointer: string): { path: (string | number)[]; found: unknown } {
  const path: (string | number)[] = [];
  let found = value;
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    path.push(Array.isArray(found) ? Number(key) : key);
    found = (found as Readonly<Record<string, unknown>>)[key];
  }
  return { path, found };
}

function describe(place: Place): SchemaFinding | null {
  const { error, path, value, schema } = place;
  const shown = showValue(value);
  switch (error.keyword) {
    case "if":
      return null;
    case "additionalProperties":
      return describeUnknownField(place, String(error.params.additionalProperty));
    case "required":
      return describeMissingField(place, String(error.params.missingProperty));
    case "discriminator":
      return describePlatform(place);
    case "type":
      return describeType(place);
    case "const":
      return {
        code: "not-one-of",
        path,
        message: `${shown} is not taken here`,
        hint: `write ${describeTypes(schema, ["object"])}, or leave it out`,
      };
    case "enum":
      return describeChoice(path, value, (error.params.allowedValues as unknown[]).map(String));
    case "minimum":
    case "maximum":
      return describeRange(place);
    default:
      return {
        code: "pattern",
        path,
        message: `${shown} is not written as it has to be`,
        hint: sayDescription(schema),
      };
  }
}

function describeUnknownField({ path, schema, value }: Place, field: string): SchemaFinding {
  const fields = Object.keys(schema.properties ?? {});
  const platform = path.length === 0 && isObject(value) && "platform" in value ? value.platform : null;
  const owners = platform === null ? [] : platformsWith(field);
  const nearest = findNearest(field, fields);
  const all = `it takes ${listNames(sortByNearness(field, fields), "and")}`;
  const message = platform === null ? "no such field" : `a ${platform} has no such field`;
  const hint =
    owners.length > 0
      ? `only a ${listNames(owners, "or")} has it`
      : nearest === null
        ? all
        : `did you mean \`${nearest}\`?`;
  return { code: "unknown-field", path: [...path, field], message, hint };
}

function describeMissingField({ path, schema }: Place, field: string): SchemaFinding {
  const about = schema.properties?.[field]?.description;
  const hint = about === undefined ? `add \`${field}\`` : `add \`${field}\`: ${about}`;
  return { code: "missing-field", path: [...path, field], message: "is missing", hint };
}

function describePlatform({ path, value }: Place): SchemaFinding {
  const platform = isObject(value) ? value.platform : undefined;
  const at = [...path, "platform"];
  if (typeof platform === "string") return describeChoice(at, platform, PLATFORMS);
  const choices = listNames(PLATFORMS, "or");
  const hint = `a builder such as \`fleet.raspberryPi\` sets it; by hand write ${choices}`;
  if (platform === undefined) return { code: "missing-field", path: at, message: "is missing", hint };
  return { code: "wrong-type", path: at, message: `${showValue(platform)} is not a string`, hint };
}

function describeChoice(path: ValuePath, value: unknown, choices: readonly string[]): SchemaFinding {
  const hint = `choose ${listNames(sortByNearness(String(value), choices), "or")}`;
  return { code: "not-one-of", path, message: `${showValue(value)} is not one of its values`, hint };
}

function describeType({ error, path, value, schema }: Place): SchemaFinding {
  const types = [error.params.type].flat().map(String);
  const message = `${showValue(value)} is not ${describeTypes(schema, types)}`;
  return { code: "wrong-type", path, message, hint: sayDescription(schema) };
}

function describeRange({ path, value, schema }: Place): SchemaFinding {
  const { minimum = 0, maximum, name } = schema;
  const above = maximum !== undefined && Number(value) > maximum;
  const message = `${value} is ${above ? `above ${maximum}` : `below ${minimum}`}`;
  const hint = maximum === undefined ? `choose ${minimum} or more` : `choose ${minimum} to ${maximum}`;
  return { code: name === "Port" ? "port-range" : "out-of-range", path, message, hint };
}

const NOUNS: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  object: "an object",
  array: "a list",
  null: "null",
};

/** The types that a place takes, as words. `boolean` in a union with an object stands for `false` alone. */
function describeTypes(schema: SchemaNode, types: readonly string[]): string {
  const onlyFalse = schema.anyOf?.some((branch) => branch.const === false) || schema.const === false;
  if (types.length > 4) return "plain data";
  const words = types.filter((type) => !(onlyFalse && type === "boolean")).map((type) => NOUNS[type] ?? type);
  if (onlyFalse) words.unshift("`false`");
  const last = words.pop();
  return words.length === 0 ? String(last) : `${words.join(", ")} or ${last}`;
}

function sayDescription({ description, enum: choices }: SchemaNode): string {
  if (choices !== undefined) return `choose ${listNames(choices.map(String), "or")}`;
  return description === undefined ? "correct the value" : `what belongs here: ${description}`;
}

/** A value in a message: short, and with quotes where it is a string. */
function showValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 39)}…` : value);
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "a list";
  return isObject(value) ? "an object" : String(value);
}
