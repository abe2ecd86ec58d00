import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as Automation from "@pulumi/pulumi/automation/index.js";
import { UserError } from "../../generators/model/problem.js";
import { errorCode } from "../../generators/tree/paths.js";

/** Packages of the user's Pulumi project. They are the project's own, so that meshflake does without them where nobody provisions. */

/** Pulumi's Automation API. */
export type AutomationApi = typeof Automation;

/** The program as the Automation API runs it. */
export type Program = Automation.PulumiFn;

/**
 * Loads the Automation API that belongs to a project: the program has to run with the very same package.
 * @param folder the project, absolute
 * @throws UserError where it is not installed
 */
export async function loadAutomation(folder: string): Promise<AutomationApi> {
  const hint =
    "run npm install in the repository, whose pulumi/package.json should name it (3.248.0 is the last for Node 20)";
  return importFrom(folder, "@pulumi/pulumi/automation/index.js", hint);
}

/**
 * Loads the program of a project: the function that its entry exports.
 * @param main the entry, relative to the project
 * @throws UserError where it exports none
 */
export async function loadProgram(folder: string, main: string): Promise<Program> {
  if (/\.[cm]?tsx?$/.test(main)) {
    const tsx: { readonly register: () => unknown } = await importFrom(
      folder,
      "tsx/esm/api",
      "npm install --save-dev tsx, which pulumi/Pulumi.yaml uses as well",
    );
    tsx.register();
  }
  const entry: { readonly default?: unknown } = await import(pathToFileURL(join(folder, main)).href);
  const { default: program } = entry;
  if (typeof program !== "function") {
    throw new UserError(
      `pulumi/${main} does not export a function`,
      "write `export default () => deployFleet()`: it runs twice, once for the preview; or use pulumi up and meshflake sync",
      1,
    );
  }
  return async () => program();
}

/** Imports a CommonJS module, whose names are on its `default`: Node does not find all of them by itself. */
async function importFrom<Module>(folder: string, name: string, hint: string): Promise<Module> {
  try {
    const file = createRequire(join(folder, "package.json")).resolve(name);
    const { default: module }: { readonly default: Module } = await import(pathToFileURL(file).href);
    return module;
  } catch (error) {
    if (errorCode(error) !== "MODULE_NOT_FOUND") throw error;
    const [scope = "", short = ""] = name.split("/");
    const named = scope.startsWith("@") ? `${scope}/${short}` : scope;
    throw new UserError(`${named} is not installed for pulumi/`, hint, 1, { cause: error });
  }
}
