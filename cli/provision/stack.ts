import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { UserError } from "../../generators/model/problem.js";
import { type AutomationApi, loadAutomation, loadProgram } from "./automation.js";

/** The stack that a fleet, or one of its environments, is provisioned as. */

/** Where the program reads which environment it makes. */
const ENVIRONMENT_KEY = "meshflake:environment";

/** The stack of a fleet whose person names none and has selected none. */
const DEFAULT_STACK = "prod";

/** What is wanted. */
export interface StackChoice {
  /** The Pulumi project, absolute. */
  readonly folder: string;
  /** Null for the fleet itself. */
  readonly environment: string | null;
  /** @default the environment's name; otherwise the stack that is selected, or `prod` */
  readonly name?: string;
}

/** A stack that is ready to run. */
export interface OpenStack {
  readonly api: AutomationApi;
  readonly stack: Stack;
}

/**
 * Opens a stack with the project's own program.
 * @throws UserError where the project is not installed, or where the stack is another environment's
 */
export async function openStack({ folder, environment, name }: StackChoice): Promise<OpenStack> {
  const api = await loadAutomation(folder);
  const workspace = await api.LocalWorkspace.create({ workDir: folder });
  const project = await workspace.projectSettings();
  const program = await loadProgram(folder, project.main ?? "index.ts");
  const stackName = name ?? environment ?? (await workspace.stack())?.name ?? DEFAULT_STACK;
  // What a program asks Pulumi for: where its project is. Pulumi's own language host sets it in the same way.
  process.env.PULUMI_NODEJS_ROOT_DIRECTORY = folder;
  const existed = (await workspace.listStacks()).some((stack) => stack.name === stackName);
  const stack = await api.LocalWorkspace.createOrSelectStack(
    { stackName, projectName: project.name, program },
    { workDir: folder },
  );
  await settleEnvironment(stack, environment, existed);
  return { api, stack };
}

/** A new stack is told which environment it is; one that is another's is refused, since it would lose its machines. */
async function settleEnvironment(stack: Stack, environment: string | null, existed: boolean): Promise<void> {
  const { [ENVIRONMENT_KEY]: setting } = await stack.getAllConfig();
  const current = setting?.value ?? null;
  if (current === environment) return;
  if (!existed && environment !== null) {
    await stack.setConfig(ENVIRONMENT_KEY, { value: environment });
    return;
  }
  const of = current === null ? "the fleet itself" : `the environment ${current}`;
  throw new UserError(
    `stack ${stack.name} is of ${of}`,
    current === null
      ? "leave --env out, or choose another --stack"
      : `give --env ${current}, or choose another --stack`,
  );
}
