import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as Automation from "@pulumi/pulumi/automation/index.js";
import { UserError } from "../../generators/model/problem.js";
import { errorCode } from "../../generators/tree/paths.js";
import { tellOnce } from "./told-once.js";

/** Packages of the user's Pulumi project. They are the project's own, so that meshflake does without them where nobody provisions. */

/** Pulumi's Automation API. */
export type AutomationApi = typeof Automation;

/** Pulumi's package itself, which a program runs with. */
type Sdk = typeof import("@pulumi/pulumi");

/** The program as the Automation API runs it. */
export type Program = Automation.PulumiFn;

/**
 * Loads the Automation API that belongs to a project: the program has to run with the very same package.
 * @param folder the project, absolute
 * @throws UserError where it is not installed
 */
export async function loadAutomation(folder: string): Promise<AutomationApi> {
  return loadPulumi<AutomationApi>(folder, "automation/index.js");
}

/** A module of Pulumi's package: CommonJS, whose names are on its `default`, since Node does not find all of them by itself. */
async function loadPulumi<Module>(folder: string, name: string): Promise<Module> {
  const hint =
    "run npm install in the repository, whose pulumi/package.json should name it (3.248.0 is the last for Node 20)";
  const file = resolveFrom(folder, "@pulumi/pulumi", name, hint);
  const { default: module }: { readonly default: Module } = await import(pathToFileURL(file).href);
  return module;
}

/**
 * Loads the program of a project: the function that its entry exports.
 * @param main the entry, relative to the project
 * @throws UserError where it exports none
 */
export async function loadProgram(folder: string, main: string): Promise<Program> {
  if (/\.[cm]?ts$/.test(main)) await registerTsx(folder);
  const entry: { readonly default?: unknown } = await import(pathToFileURL(join(folder, main)).href);
  const { default: program } = entry;
  if (typeof program !== "function") {
    throw new UserError(
      `pulumi/${main} does not export a function`,
      "write `export default () => deployFleet()`: it runs twice, once for the preview; or use pulumi up and meshflake sync",
      1,
    );
  }
  const { runtime } = await loadPulumi<Sdk>(folder, "index.js");
  return tellOnce(async () => program(), runtime.getStackResource);
}

/** Lets Node import TypeScript, with the package that `Pulumi.yaml` names for the same purpose. */
async function registerTsx(folder: string): Promise<void> {
  const hint = "npm install --workspace pulumi tsx, which pulumi/Pulumi.yaml needs as well";
  const manifest = resolveFrom(folder, "tsx", "package.json", hint);
  const { exports } = JSON.parse(readFileSync(manifest, "utf8")) as TsxManifest;
  const file = join(dirname(manifest), exports["./esm/api"].import.default);
  const { register }: { readonly register: () => unknown } = await import(pathToFileURL(file).href);
  register();
}

/** Where its ES module is: Node 20 resolves from another folder for CommonJS alone. */
interface TsxManifest {
  readonly exports: { readonly "./esm/api": { readonly import: { readonly default: string } } };
}

/** @throws UserError where the package is not installed */
function resolveFrom(folder: string, name: string, file: string, hint: string): string {
  try {
    return createRequire(join(folder, "package.json")).resolve(`${name}/${file}`);
  } catch (error) {
    if (errorCode(error) !== "MODULE_NOT_FOUND") throw error;
    throw new UserError(`${name} is not installed for pulumi/`, hint, 1, { cause: error });
  }
}
