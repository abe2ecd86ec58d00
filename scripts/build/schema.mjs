import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root, unlessUnchanged, writeFile } from "./files.mjs";
import { narrowUnions } from "./narrow.mjs";

const FOLDER = "generators/model/generated";
const ROOTS = { fleet: "FleetInput", host: "HostInput", environment: "EnvironmentInput" };

const DECLARATION = `/** One of Ajv's errors. */
export interface SchemaError {
  /** The place in the value as a JSON pointer (RFC 6901). */
  readonly instancePath: string;
  /** The keyword's place in {@link schemaText}. */
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

export interface SchemaCheck {
  (value: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}

export declare const checkFleet: SchemaCheck;
export declare const checkHost: SchemaCheck;
/** Only the outline: what an environment changes is checked once it is laid over the fleet. */
export declare const checkEnvironment: SchemaCheck;
/** The schema that the checks were made of, as JSON; its definitions are those of the input interfaces. */
export declare const schemaText: string;
/** Fields of every platform's hosts. */
export declare const COMMON_HOST_FIELDS: readonly string[];
`;

/** JSON Schema and Ajv's checks, made of the input interfaces. */
export async function generateSchemas() {
  const inputs = ["generators/model/input.ts", "generators/model/vocabulary.ts", "package-lock.json"];
  const scripts = ["schema.mjs", "narrow.mjs", "schema-roots.ts"].map((name) => `scripts/build/${name}`);
  const outputs = ["schema.json", "schema.js", "schema.d.ts"].map((name) => `${FOLDER}/${name}`);
  await unlessUnchanged("schema", [...inputs, ...scripts], outputs, async () => {
    const schema = await readInterfaces();
    writeFile(`${FOLDER}/schema.json`, `${JSON.stringify(schema, null, 2)}\n`);
    writeFile(`${FOLDER}/schema.js`, await compileChecks(schema));
    writeFile(`${FOLDER}/schema.d.ts`, DECLARATION);
  });
}

/** @returns the interfaces' JSON Schema, without the names of type parameters */
async function readInterfaces() {
  const { createGenerator } = await import("ts-json-schema-generator");
  const generator = createGenerator({
    path: join(root, "scripts/build/schema-roots.ts"),
    tsconfig: join(root, "tsconfig.json"),
    type: "SchemaRoots",
    additionalProperties: false,
    encodeRefs: false,
    topRef: false,
    skipTypeCheck: true,
  });
  const { definitions } = generator.createSchema("SchemaRoots");
  return JSON.parse(JSON.stringify({ definitions }).replace(/<string(,string)*>/g, ""), keepDefaults);
}

/** `@default` may be prose. That belongs to the description, where an editor shows it and does not offer it as a value. */
function keepDefaults(_key, schema) {
  if (typeof schema?.default !== "string" || !schema.default.includes(" ")) return schema;
  const { default: prose, description, ...rest } = schema;
  return { ...rest, description: [description, `Default: ${prose}.`].filter(Boolean).join(" ") };
}

/** @returns an ES module that needs no Ajv */
async function compileChecks(schema) {
  const [{ default: ajv }, { default: standalone }, { build }] = await Promise.all([
    import("ajv"),
    import("ajv/dist/standalone/index.js"),
    import("esbuild"),
  ]);
  const definitions = narrowUnions(schema.definitions);
  const compiler = new ajv.Ajv({
    allErrors: true,
    allowUnionTypes: true,
    discriminator: true,
    inlineRefs: false,
    messages: false,
    strict: true,
    strictRequired: false,
    code: { source: true, esm: true },
    schemas: [{ $id: "meshflake", definitions }],
  });
  const code = (standalone.default ?? standalone)(compiler, {
    checkFleet: "meshflake#/definitions/FleetInput",
    checkHost: "meshflake#/definitions/HostInput",
    checkEnvironment: "meshflake#/definitions/EnvironmentOutline",
  });
  const stdin = { contents: code, resolveDir: root };
  const bundled = await build({ stdin, bundle: true, format: "esm", write: false, minify: true });
  const [first, ...others] = schema.definitions.HostInput.anyOf.map(({ properties }) => Object.keys(properties));
  const common = first.filter((field) => others.every((fields) => fields.includes(field)));
  return [
    bundled.outputFiles[0].text,
    `export const COMMON_HOST_FIELDS = ${JSON.stringify(common)};\n`,
    `export const schemaText = ${JSON.stringify(JSON.stringify(schema))};\n`,
  ].join("");
}

/** Publishes a schema for each kind of JSON file, for `"$schema": "…/node_modules/meshflake/dist/schema/host.json"`. */
export function publishSchemas() {
  const { definitions } = JSON.parse(readFileSync(join(root, FOLDER, "schema.json"), "utf8"));
  for (const [name, type] of Object.entries(ROOTS)) {
    const top = structuredClone(definitions[type]);
    for (const object of top.anyOf ?? [top]) object.properties.$schema = { type: "string" };
    const schema = { $schema: "http://json-schema.org/draft-07/schema#", ...top, definitions };
    writeFile(`dist/schema/${name}.json`, `${JSON.stringify(schema, null, 2)}\n`);
  }
}
