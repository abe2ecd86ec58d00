import { isObject } from "../load/json.js";
import { schemaText } from "../model/generated/schema.js";
import type { ValuePath } from "../model/problem.js";

/** Finds what the schema says about a place of a value. Only needed once something is wrong. */

export type SchemaRoot = "FleetInput" | "HostInput" | "EnvironmentInput";

export interface SchemaNode {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | false;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  /** The interface or type that it is. */
  readonly name?: string;
}

let parsed: Readonly<Record<string, SchemaNode>> | undefined;

function definitions(): Readonly<Record<string, SchemaNode>> {
  parsed ??= (JSON.parse(schemaText) as { definitions: Record<string, SchemaNode> }).definitions;
  return parsed;
}

/** The schema of the place `path` in `value`, of a union the branch that fits. */
export function findSchema(root: SchemaRoot, value: unknown, path: ValuePath): SchemaNode {
  let node = resolve({ $ref: root }, value);
  let current = value;
  for (const key of path) {
    current =
      isObject(current) || Array.isArray(current) ? (current as Record<string | number, unknown>)[key] : undefined;
    const next = typeof key === "number" ? node.items : (node.properties?.[key] ?? node.additionalProperties);
    node = resolve(next || {}, current);
  }
  return node;
}

/** The builders' names of platforms whose hosts have a field. */
export function platformsWith(field: string): string[] {
  const platforms = definitions().HostInput?.anyOf ?? [];
  return platforms.flatMap(({ properties }) => (properties?.[field] ? [String(properties.platform?.const)] : []));
}

/** Follows references, and picks the branch of a union that was meant. */
function resolve(node: SchemaNode, value: unknown): SchemaNode {
  if (node.$ref !== undefined) {
    const name = node.$ref.split("/").at(-1) ?? "";
    const { description, ...rest } = node;
    const target = { ...definitions()[name], name, ...(description !== undefined && { description }) };
    const { $ref: _, ...others } = rest;
    return resolve({ ...target, ...others }, value);
  }
  const branches = node.anyOf?.map((branch) => resolve(branch, undefined)) ?? [];
  const branch = branches.find((candidate) => fits(candidate, value));
  if (branch === undefined) return node;
  const { anyOf: _, ...outer } = node;
  return { ...branch, ...outer };
}

function fits({ type, properties }: SchemaNode, value: unknown): boolean {
  if (!isObject(value)) return type === "array" ? Array.isArray(value) : type === typeof value;
  if (type !== "object") return false;
  const platform = properties?.platform?.const;
  return (platform === undefined || platform === value.platform) && !(properties?.$nix && !("$nix" in value));
}
