import * as pulumi from "@pulumi/pulumi";
import type { Fleet } from "../generators/model/fleet.js";
import { checkCredentials } from "./checks/credentials.js";
import { checkPreviousStack, readPreviousStack } from "./checks/previous.js";
import { checkStaleSettings } from "./checks/stale.js";
import { checkVoters } from "./checks/voters.js";
import { defaultRoot, loadPlan, refuse } from "./fleet.js";
import { makeMachines, prepareProviders } from "./machines.js";
import { OUTPUT_NAME, OUTPUTS_VERSION, type StackOutputs } from "./outputs.js";
import type { CloudView } from "./plan/types.js";
import { viewCloud } from "./plan/view.js";
import { readSettings } from "./settings.js";
import { prepareZone } from "./zone/prepare.js";

/** The whole program: from the plan to a stack's outputs. */

export interface DeployOptions {
  /** The repository. @default the folder above Pulumi's project */
  readonly root?: string;
}

/** The stack's outputs: one, so that a program with resources of its own may add others. */
export interface FleetOutputs {
  readonly [OUTPUT_NAME]: pulumi.Output<StackOutputs>;
}

/**
 * Makes what the fleet's plan asks of providers, and nothing where it asks for nothing. Every check comes before the first resource.
 * @throws RunError with every problem that was found at once
 */
export async function deployFleet({ root = defaultRoot() }: DeployOptions = {}): Promise<FleetOutputs> {
  const settings = readSettings();
  const plan = await loadPlan(root, settings);
  const view = viewCloud(plan, settings);
  const previous = await readPreviousStack();
  await refuse(checkPreviousStack(previous, view), root);
  const variable = (name: string) => process.env[name];
  await refuse([...checkStaleSettings(readSetting), ...checkCredentials(view, readSetting, variable)], root);
  if (view.machines.length === 0 && view.zone === null) await sayNothingToDo(plan.fleet);
  const [providers, names] = await Promise.all([
    prepareProviders(plan.fleet, view, settings),
    view.zone && prepareZone(plan.fleet, view, view.zone),
  ]);
  await refuse(
    [
      ...[...Object.values(providers), ...(names === null ? [] : [names])].flatMap(({ problems }) => problems),
      ...checkVoters(previous, view, new Set(Object.values(providers).flatMap(({ interrupted }) => interrupted))),
    ],
    root,
  );
  const hosts = makeMachines(view, providers);
  names?.make(hosts);
  return { [OUTPUT_NAME]: pulumi.output(hosts).apply((known) => toOutputs(view, known)) };
}

function readSetting(key: string): string | undefined {
  const [namespace = "", name = ""] = key.split(":");
  return new pulumi.Config(namespace).get(name);
}

async function sayNothingToDo({ name }: Fleet): Promise<void> {
  await pulumi.log.info(
    `no host of ${name} is at Hetzner, on Proxmox, or a Contabo instance with a number: there is nothing to make`,
  );
}

function toOutputs(view: CloudView, hosts: StackOutputs["hosts"]): StackOutputs {
  return {
    version: OUTPUTS_VERSION,
    fleet: view.fleet,
    environment: view.environment,
    cluster: view.cluster,
    stack: pulumi.getStack(),
    hosts: Object.fromEntries(
      Object.entries(hosts).map(([name, host]) => {
        const machine = view.machines.find((one) => one.host === name);
        return [name, machine?.voter === true ? { ...host, votes: machine.cluster } : host];
      }),
    ),
  };
}
