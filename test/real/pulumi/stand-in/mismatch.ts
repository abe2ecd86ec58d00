import type { Shape } from "./shapes.js";

/** Values against the shapes of the real provider's inputs. */

/** What the engine passes in place of a value that is not known before the update. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The engine's own fields, such as which inputs came from defaults. */
const OWN = "__";

/** Every place where a value is not what the provider wants; empty where all is well. */
export function findMismatches(shape: Shape, value: unknown, path = ""): { path: string; reason: string }[] {
  if (shape.kind === "anything" || value === UNKNOWN) return [];
  const wrong = (reason: string) => [{ path, reason }];
  switch (shape.kind) {
    case "list":
      if (!Array.isArray(value)) return wrong("is not a list");
      return value.flatMap((item, index) => findMismatches(shape.item, item, `${path}[${index}]`));
    case "map":
      if (!isObject(value)) return wrong("is not a map");
      return Object.entries(value).flatMap(([key, item]) => findMismatches(shape.item, item, join(path, key)));
    case "object":
      return isObject(value) ? findFieldMismatches(shape, value, path) : wrong("is not an object");
    default:
      return typeof value === shape.kind ? [] : wrong(`is not a ${shape.kind}`);
  }
}

function findFieldMismatches(
  { fields }: Extract<Shape, { kind: "object" }>,
  value: Readonly<Record<string, unknown>>,
  path: string,
): { path: string; reason: string }[] {
  const given = Object.keys(value).filter(
    (key) => !key.startsWith(OWN) && value[key] !== undefined && value[key] !== null,
  );
  const unknown = given
    .filter((key) => !(key in fields))
    .map((key) => ({ path: join(path, key), reason: "is unknown" }));
  const missing = Object.entries(fields)
    .filter(([key, { required }]) => required && !given.includes(key))
    .map(([key]) => ({ path: join(path, key), reason: "is required" }));
  const inner = given.flatMap((key) => {
    const field = fields[key];
    return field === undefined ? [] : findMismatches(field.shape, value[key], join(path, key));
  });
  return [...unknown, ...missing, ...inner];
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
