import { suggestName } from "../../generators/load/nearest.js";
import { UserError } from "../../generators/model/problem.js";
import { LabClient } from "../../lab/client/client.js";
import { isLabName } from "../../lab/client/folders.js";
import { findLab, type Lab, listLabs } from "../../lab/client/records.js";
import type { CommandOptions, Context } from "../context.js";

/** Which of the labs that run a command means. */

/** The value of `--name`. */
export function nameOption({ name }: CommandOptions): string | undefined {
  return typeof name === "string" ? name : undefined;
}

/** What tells which repository and environment a command is about. */
export type Surroundings = Pick<Context, "options" | "root">;

const START = "meshflake lab up starts one";

function requireNamed(name: string): Lab {
  const lab = isLabName(name) ? findLab(name) : null;
  if (lab !== null) return lab;
  const names = listLabs().map(({ record }) => record.name);
  throw new UserError(`no lab ${name} runs`, names.length === 0 ? START : suggestName(name, names), 1);
}

/** The repository, where the command was started in one: a lab is found without it as well. */
function findRoot(context: Surroundings): string | null {
  if (context.options.root !== undefined) return context.root();
  try {
    return context.root();
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

async function isOfEnvironment({ socket }: Lab, environment: string): Promise<boolean> {
  try {
    return (await new LabClient(socket).state()).environment === environment;
  } catch {
    return false;
  }
}

async function keepEnvironment(labs: readonly Lab[], environment: string | undefined): Promise<readonly Lab[]> {
  if (environment === undefined) return labs;
  const are = await Promise.all(labs.map((lab) => isOfEnvironment(lab, environment)));
  return labs.filter((_, index) => are[index]);
}

function explainNone(environment: string | undefined, root: string | null, others: readonly Lab[]): UserError {
  const whose = environment === undefined ? "" : ` of environment ${environment}`;
  const [other] = others;
  if (root === null || other === undefined) return new UserError(`no lab${whose} runs`, START, 1);
  const { name } = other.record;
  return new UserError(
    `no lab${whose} of this fleet runs`,
    `${START}; --name ${name} means one of ${other.record.root}`,
    1,
  );
}

/**
 * The lab that `--name` names; else this repository's, with `--env` that of the environment; outside of a repository the only one
 * that runs. A lab of another fleet is never meant by chance.
 * @throws UserError where none is meant, or several are
 */
export async function chooseLab(context: Surroundings, options: CommandOptions): Promise<Lab> {
  const name = nameOption(options);
  if (name !== undefined) return requireNamed(name);
  const labs = await keepEnvironment(listLabs(), context.options.env);
  const root = findRoot(context);
  const meant = root === null ? labs : labs.filter(({ record }) => record.root === root);
  const [first] = meant;
  if (first === undefined) throw explainNone(context.options.env, root, labs);
  if (meant.length === 1) return first;
  const names = meant.map(({ record }) => record.name);
  throw new UserError(`several labs run: ${names.join(", ")}`, `--name ${first.record.name} names one`);
}
