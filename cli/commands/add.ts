import { writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { findNearest, listNames, suggestName } from "../../generators/load/nearest.js";
import { loadRepository } from "../../generators/load/repository.js";
import { locateProblems } from "../../generators/load/source/locate.js";
import type { FleetInput } from "../../generators/model/input.js";
import { FleetError, UserError } from "../../generators/model/problem.js";
import { PLATFORMS } from "../../generators/model/vocabulary.js";
import { errorCode } from "../../generators/tree/paths.js";
import { labelFault } from "../../generators/validate/rules/fleet/names.js";
import { validateSchemas } from "../../generators/validate/schema.js";
import { readHostFields } from "../add/fields.js";
import { type Literal, printHostFile, printLiteral } from "../add/print.js";
import { tryHost } from "../add/try-host.js";
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

/** Hosts of an environment alone are entries of its file, which is a person's. */
function refuseEnvironment(name: string, env: string, platform: string, fields: Literal): never {
  throw new UserError(
    `add writes a host of the fleet itself, and none of the environment ${env}`,
    `write it under \`hosts\` of hosts/environments/${env}.ts: ${JSON.stringify(name)}: fleet.${platform}(${printLiteral(fields)})`,
  );
}

/** What the file will export: fields without a value are not in it. */
function exportOf(platform: string, fields: { readonly [key: string]: Literal | undefined }): unknown {
  return JSON.parse(JSON.stringify({ platform, ...fields }));
}

export async function run(context: Context, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const [name = ""] = args;
  const platform = PLATFORMS.find((known) => known === options.platform);
  if (platform === undefined) throw new UserError("--platform is missing", suggestName("", PLATFORMS));
  const root = context.root();
  const fields = readHostFields(platform, options);
  const { env } = context.options;
  if (env !== undefined) refuseEnvironment(name, env, platform, fields);
  const fleet = await readFleet(root);
  checkReferences(name, options, fleet);
  const { extension, text } = printHost(fleet.file, platform, fields);
  const file = `hosts/${name}${extension}`;
  const { problems, refused } = await tryHost(root, { name, file, value: exportOf(platform, fields) });
  const data = () => ({ host: name, file, platform, written: !refused });
  if (refused) return { exitCode: 2, text: () => `${file} was not written`, data, problems };
  try {
    writeFileSync(join(root, file), text, { flag: "wx" });
  } catch (error) {
    if (errorCode(error) === "EEXIST")
      throw new UserError(`${file} exists already`, "choose another name", 2, { cause: error });
    throw error;
  }
  const next = problems.some(({ severity }) => severity === "error") ? "Mend the problems, then run" : "Next:";
  return {
    exitCode: 0,
    text: () => `${context.colors.green("+")} ${file}\n\n${text}\n${next} meshflake generate`,
    data,
    problems,
  };
}
