import { writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { compileFleet } from "../../generators/compile.js";
import { findNearest, listNames, suggestName } from "../../generators/load/nearest.js";
import { loadRepository } from "../../generators/load/repository.js";
import { locateProblems } from "../../generators/load/source/locate.js";
import type { FleetInput } from "../../generators/model/input.js";
import { FleetError, type Problem, UserError } from "../../generators/model/problem.js";
import { PLATFORMS } from "../../generators/model/vocabulary.js";
import { errorCode } from "../../generators/tree/paths.js";
import { labelFault } from "../../generators/validate/rules/fleet/names.js";
import { validateSchemas } from "../../generators/validate/schema.js";
import { readHostFields } from "../add/fields.js";
import { type Literal, printHostFile } from "../add/print.js";
import type { CommandOptions, CommandResult, Context } from "../context.js";

interface KnownFleet {
  readonly input: FleetInput;
  /** The fleet file, relative to the repository. */
  readonly file: string;
  readonly hostNames: ReadonlySet<string>;
}

/** The fleet alone has to be right: a new host may be what mends the others. */
async function readFleet(root: string): Promise<KnownFleet> {
  const repository = await loadRepository(root);
  const { inputs, problems } = validateSchemas(repository);
  if (inputs === null) throw new FleetError(await locateProblems([...repository.problems, ...problems], root));
  return { input: inputs.fleet.value, file: inputs.fleet.file, hostNames: inputs.hostNames };
}

function checkReferences(name: string, options: CommandOptions, { input, hostNames }: KnownFleet): void {
  const fault = labelFault(name);
  if (fault !== null) throw new UserError(`the host name ${fault}`, "use lower-case letters, digits and hyphens");
  if (hostNames.has(name)) throw new UserError(`there is a host \`${name}\` already`, "choose another name");
  const sites = Object.keys(input.sites);
  const site = String(options.site);
  if (!sites.includes(site)) {
    const hint =
      findNearest(site, sites) === null
        ? `${suggestName(site, sites)}, or add it to the fleet`
        : suggestName(site, sites);
    throw new UserError(`the fleet has no site \`${site}\``, hint);
  }
  const clusters = Object.keys(input.clusters ?? { [input.name]: {} });
  if (typeof options.cluster === "string" && !clusters.includes(options.cluster)) {
    throw new UserError(`the fleet has no cluster \`${options.cluster}\``, suggestName(options.cluster, clusters));
  }
  if (options.cluster === undefined && clusters.length > 1) {
    throw new UserError("the fleet has several clusters", `say --cluster ${listNames(clusters, "or")}`);
  }
}

/** Written as the fleet file is: TypeScript, JavaScript or JSON. */
function printHost(fleetFile: string, platform: string, fields: Literal): { extension: string; text: string } {
  const extension = extname(fleetFile);
  if (extension === ".json") {
    return { extension, text: `${JSON.stringify({ platform, ...(fields as object) }, null, 2)}\n` };
  }
  const fleetImport = extension.endsWith("ts") ? "./fleet" : `./fleet${extension}`;
  return { extension, text: printHostFile(fleetImport, platform, fields) };
}

/** What is wrong with the new host, as far as the fleet can be checked. */
async function findProblems(root: string, file: string): Promise<readonly Problem[]> {
  const isAbout = ({ origins }: Problem) => origins[0]?.file === file;
  try {
    return (await compileFleet(root)).problems.filter(isAbout);
  } catch (error) {
    if (error instanceof FleetError) return error.problems.filter(isAbout);
    throw error;
  }
}

export async function run(context: Context, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const [name = ""] = args;
  const platform = PLATFORMS.find((known) => known === options.platform);
  if (platform === undefined) throw new UserError("--platform is missing", suggestName("", PLATFORMS));
  const root = context.root();
  const fleet = await readFleet(root);
  checkReferences(name, options, fleet);
  const { extension, text } = printHost(fleet.file, platform, readHostFields(platform, options));
  const file = `hosts/${name}${extension}`;
  try {
    writeFileSync(join(root, file), text, { flag: "wx" });
  } catch (error) {
    if (errorCode(error) === "EEXIST")
      throw new UserError(`${file} exists already`, "choose another name", 2, { cause: error });
    throw error;
  }
  const problems = await findProblems(root, file);
  const next = problems.some(({ severity }) => severity === "error") ? "Mend the problems, then run" : "Next:";
  return {
    exitCode: 0,
    text: () => `${context.colors.green("+")} ${file}\n\n${text}\n${next} meshflake generate`,
    data: () => ({ host: name, file, platform }),
    problems,
  };
}
