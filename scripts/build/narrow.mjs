// biome-ignore-all lint/suspicious/noThenProperty: a keyword of JSON Schema
/**
 * JSON Schema for people: a union such as `false | { … }` becomes a choice by the value's own type, so that a wrong value
 * gets the errors of the branch that was meant, and not those of all branches.
 */

/**
 * @param definitions the schema's definitions
 * @returns a copy with choices in place of unions, without annotations, and with `EnvironmentOutline`
 */
export function narrowUnions(definitions) {
  const { HostInput, EnvironmentInput, HostOverride: _, ...others } = definitions;
  const entries = Object.entries(others).map(([name, schema]) => [name, narrow(schema, definitions)]);
  return {
    ...Object.fromEntries(entries),
    ...shareFields(HostInput.anyOf.map((platform) => narrow(platform, definitions))),
    EnvironmentOutline: outline(EnvironmentInput),
  };
}

/** Narrows a schema and everything in it. */
function narrow(schema, definitions) {
  if (Array.isArray(schema)) return schema.map((part) => narrow(part, definitions));
  if (typeof schema !== "object" || schema === null) return schema;
  const { description: _description, default: _default, anyOf, properties, ...rest } = schema;
  const copy = {};
  for (const [key, part] of Object.entries(rest)) copy[key] = narrow(part, definitions);
  if (properties) {
    const fields = Object.entries(properties).map(([name, part]) => [name, narrow(part, definitions)]);
    copy.properties = Object.fromEntries(fields);
  }
  return anyOf ? { ...copy, ...chooseByType(anyOf, definitions) } : copy;
}

/** `if` a value has a branch's type, `then` it has to be of that branch. A value of no branch's type fails on `type` alone. */
function chooseByType(branches, definitions) {
  const typed = branches.map((branch) => [typeOf(branch, definitions), narrow(branch, definitions)]);
  const type = [...new Set(typed.map(([name]) => name))];
  if (typed.length > 1 && type.length === 1) return { anyOf: typed.map(([, branch]) => branch) };
  const allOf = type
    .map((name) => [name, typed.filter(([other]) => other === name).map(([, branch]) => branch)])
    .filter(([, [first]]) => Object.keys(first).join() !== "type")
    .map(([name, same]) => ({ if: { type: name }, then: chooseByField(same, definitions) }));
  return { type, ...(allOf.length > 0 && { allOf }) };
}

/** Of several kinds of objects, the first whose required fields are there. */
function chooseByField([first, ...others], definitions) {
  if (others.length === 0) return first;
  const { required } = definitions[first.$ref.split("/").at(-1)];
  return { if: { type: "object", required }, then: first, else: chooseByField(others, definitions) };
}

function typeOf(branch, definitions) {
  return branch.$ref ? typeOf(definitions[branch.$ref.split("/").at(-1)], definitions) : branch.type;
}

/**
 * A definition for each platform, and one for each field that several have: they become functions that are compiled when they
 * first run, and most fleets have two or three platforms.
 */
function shareFields(platforms) {
  const shared = {};
  const branches = platforms.map(({ properties, ...rest }) => {
    const fields = Object.entries(properties).map(([name, schema]) => {
      if (schema.$ref || name === "platform") return [name, schema];
      // Fields of one name are alike, or else the later platform keeps its own.
      shared[`field-${name}`] ??= schema;
      const alike = JSON.stringify(shared[`field-${name}`]) === JSON.stringify(schema);
      return [name, alike ? { $ref: `#/definitions/field-${name}` } : schema];
    });
    return [`host-${properties.platform.const}`, { ...rest, properties: Object.fromEntries(fields) }];
  });
  const oneOf = branches.map(([name]) => ({ $ref: `#/definitions/${name}` }));
  const HostInput = { type: "object", discriminator: { propertyName: "platform" }, oneOf };
  return { ...shared, ...Object.fromEntries(branches), HostInput };
}

/** An environment's own fields; what is in them is part of the fleet's and the hosts' schemas. */
function outline({ properties, ...rest }) {
  const hosts = {
    type: "object",
    additionalProperties: { type: ["object", "boolean"], allOf: [{ if: { type: "boolean" }, then: { const: false } }] },
  };
  const fields = Object.keys(properties).map((name) => [name, { type: "object" }]);
  const { description: _description, ...object } = rest;
  return { ...object, properties: { ...Object.fromEntries(fields), domain: { type: "string" }, hosts } };
}
