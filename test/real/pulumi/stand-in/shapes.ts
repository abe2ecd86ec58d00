import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import ts from "typescript";

/**
 * What the real providers want: shapes of inputs, read from the type declarations of their packages. A stand-in that checks
 * against these knows every required field and every type that the real one knows, and nothing that somebody copied by hand.
 */

export type Shape =
  | { readonly kind: "string" | "number" | "boolean" | "anything" }
  | { readonly kind: "list"; readonly item: Shape }
  | { readonly kind: "map"; readonly item: Shape }
  | { readonly kind: "object"; readonly fields: Readonly<Record<string, Field>> };

export interface Field {
  readonly shape: Shape;
  readonly required: boolean;
}

const require = createRequire(import.meta.url);

/**
 * @param npm the provider's package, e.g. `@pulumi/hcloud`
 * @param tokens what the engine calls things, e.g. `hcloud:index/server:Server` or `hcloud:index/getImages:getImages`
 * @returns the shape of the inputs of each
 * @throws Error where the package has no such thing
 */
export function readShapes(npm: string, tokens: readonly string[]): Record<string, Shape> {
  const folder = dirname(require.resolve(`${npm}/package.json`));
  const files = new Map(tokens.map((token) => [token, fileOf(folder, token)]));
  const program = ts.createProgram([...files.values()], { skipLibCheck: true, strict: true, types: [] });
  const checker = program.getTypeChecker();
  return Object.fromEntries(
    [...files].map(([token, file]) => {
      const source = program.getSourceFile(file);
      if (source === undefined) throw new Error(`${npm} has no ${file}`);
      return [token, argumentsOf(checker, source, token)];
    }),
  );
}

/** `hcloud:index/server:Server` is in `server.d.ts`, `proxmoxve:download/file:File` in `download/file.d.ts`. */
function fileOf(folder: string, token: string): string {
  const module = token.split(":")[1]?.replace(/^index\//, "");
  const file = join(folder, `${module}.d.ts`);
  if (!existsSync(file)) throw new Error(`${token}: ${file} does not exist`);
  return file;
}

function argumentsOf(checker: ts.TypeChecker, source: ts.SourceFile, token: string): Shape {
  const name = token.split(":")[2] ?? "";
  const wanted = `${name[0]?.toUpperCase()}${name.slice(1)}Args`;
  const found = source.statements.filter(ts.isInterfaceDeclaration).find((node) => node.name.text === wanted);
  // A function without arguments.
  if (found === undefined) return { kind: "object", fields: {} };
  return shapeOf(checker, checker.getTypeAtLocation(found), source);
}

/** `Input<T>` is `T`, a promise of it, or an output of it: only values arrive at a provider. */
function isWrapper(type: ts.Type): boolean {
  const name = type.symbol?.name ?? "";
  return name === "Promise" || name === "OutputInstance";
}

function shapeOf(checker: ts.TypeChecker, type: ts.Type, at: ts.Node): Shape {
  const parts = type.isUnion() ? type.types : [type];
  const values = parts.filter(
    (part) => !isWrapper(part) && (part.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)) === 0,
  );
  const [value] = values;
  if (value === undefined) return { kind: "anything" };
  if (values.every((part) => part.flags & ts.TypeFlags.BooleanLike)) return { kind: "boolean" };
  if (values.every((part) => part.flags & ts.TypeFlags.StringLike)) return { kind: "string" };
  if (values.every((part) => part.flags & ts.TypeFlags.NumberLike)) return { kind: "number" };
  if (values.length > 1 || value.flags & ts.TypeFlags.Any) return { kind: "anything" };
  return objectOf(checker, value, at);
}

function objectOf(checker: ts.TypeChecker, type: ts.Type, at: ts.Node): Shape {
  if (checker.isArrayType(type)) {
    const [item] = checker.getTypeArguments(type as ts.TypeReference);
    return { kind: "list", item: item === undefined ? { kind: "anything" } : shapeOf(checker, item, at) };
  }
  const index = checker.getIndexInfoOfType(type, ts.IndexKind.String);
  if (index !== undefined) return { kind: "map", item: shapeOf(checker, index.type, at) };
  const fields = type.getProperties().map((property): [string, Field] => {
    const required = (property.flags & ts.SymbolFlags.Optional) === 0;
    return [property.name, { shape: shapeOf(checker, checker.getTypeOfSymbolAtLocation(property, at), at), required }];
  });
  return { kind: "object", fields: Object.fromEntries(fields) };
}
