import { existsSync, realpathSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import type ts from "typescript";
import type { Problem } from "../../model/problem.js";
import { loadTypeScript } from "../bundle/late.js";
import { findEnvironmentFiles, findFleetFiles, HOSTS_FOLDER } from "../files.js";
import { packageRoot, packageTypes } from "../package.js";
import { FILE_START } from "../problems.js";

type TypeScript = typeof ts;

/** Nothing but these is needed to read host files; the repository's own `tsconfig.json` wins where it covers them. */
function defaultOptions(ts: TypeScript): ts.CompilerOptions {
  return {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true,
    exactOptionalPropertyTypes: true,
  };
}

/**
 * TypeScript's own errors in host files, as an editor shows them. Takes a second or more.
 * @param path the repository
 */
export async function findTypeErrors(path: string): Promise<Problem[]> {
  const root = realpathSync(path);
  const { fleets, hosts } = findFleetFiles(root);
  const sources = [...fleets, ...hosts, ...findEnvironmentFiles(root)].map(({ file }) => join(root, file));
  const files = sources.filter((file) => /\.m?ts$/.test(file));
  if (files.length === 0) return [];
  const typescript = loadTypeScript();
  const { options, declarations } = readOptions(typescript, root, files);
  const resolved = resolvePackage(typescript, root, options);
  const names = join(root, HOST_NAMES);
  const host = overlayFile(typescript, resolved, names, declareNames(hosts.map(({ name }) => name)));
  const program = typescript.createProgram([...files, ...declarations, names], resolved, host);
  return typescript
    .getPreEmitDiagnostics(program)
    .flatMap((diagnostic) => toProblem(typescript, root, diagnostic) ?? []);
}

/** What `generate` declares: the host names. */
const HOST_NAMES = "modules/hosts/names.d.ts";

/** The same for the files that are there now: a host that was added since is no misspelt name, and one that is gone is. */
function declareNames(hosts: readonly string[]): string {
  const names = hosts.map((name) => `${JSON.stringify(name)}: true;`).join("\n");
  return `import "meshflake";\ndeclare module "meshflake" {\n  interface HostNames {\n${names}\n}\n}\n`;
}

/** A compiler's view of the disk with one file of another content, whether it is there or not. */
function overlayFile(ts: TypeScript, options: ts.CompilerOptions, path: string, text: string): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const isIt = (name: string) => resolve(name) === path;
  return {
    ...host,
    fileExists: (name) => isIt(name) || host.fileExists(name),
    readFile: (name) => (isIt(name) ? text : host.readFile(name)),
    getSourceFile: (name, languageVersion, ...rest) =>
      isIt(name)
        ? ts.createSourceFile(name, text, languageVersion)
        : host.getSourceFile(name, languageVersion, ...rest),
  };
}

/** The nearest configuration that covers the host files, and declarations that belong to them. */
function readOptions(ts: TypeScript, root: string, files: readonly string[]) {
  for (const folder of [join(root, HOSTS_FOLDER), root]) {
    const file = join(folder, "tsconfig.json");
    if (!existsSync(file)) continue;
    const { config } = ts.readConfigFile(file, ts.sys.readFile);
    const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, folder);
    if (!fileNames.some((name) => files.includes(name))) continue;
    return { options, declarations: fileNames.filter((name) => name.endsWith(".d.ts")) };
  }
  return { options: defaultOptions(ts), declarations: [] };
}

/** Where the repository has no `node_modules/meshflake`, it is the package that is running. */
function resolvePackage(ts: TypeScript, root: string, options: ts.CompilerOptions): ts.CompilerOptions {
  const from = join(root, HOSTS_FOLDER, "fleet.ts");
  const found = ts.resolveModuleName("meshflake", from, options, ts.sys).resolvedModule;
  const checked = { ...options, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true };
  if (found !== undefined) return checked;
  return {
    ...checked,
    paths: { ...options.paths, meshflake: [packageTypes] },
    baseUrl: root,
    typeRoots: [join(packageRoot, "node_modules/@types")],
  };
}

function toProblem(ts: TypeScript, root: string, diagnostic: ts.Diagnostic): Problem | null {
  const { file, start, messageText, code } = diagnostic;
  const name = file === undefined ? HOSTS_FOLDER : relative(root, file.fileName).split(sep).join("/");
  // What is wrong in packages is not the user's to mend.
  if (name.startsWith("../") || dirname(name).includes("node_modules")) return null;
  const at = file === undefined || start === undefined ? null : file.getLineAndCharacterOfPosition(start);
  return {
    code: "type-error",
    severity: "error",
    origins: [{ file: name, path: [] }],
    message: ts
      .flattenDiagnosticMessageText(messageText, "\n")
      .split("\n")
      .map((line) => line.trim().replace(/\.$/, ""))
      .join(": "),
    hint: `an editor shows the same as TS${code}`,
    ...(at === null ? FILE_START : { line: at.line + 1, column: at.character + 1 }),
  };
}
