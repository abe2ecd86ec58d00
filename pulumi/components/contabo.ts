import * as pulumi from "@pulumi/pulumi";
import { PROVIDER_TEXT } from "../contabo/provider-text.js";
import type { ContaboInputs } from "../contabo/state.js";
import type { HostOutput } from "../outputs.js";
import { joinCommand } from "../plan/join.js";
import type { ContaboView } from "../plan/types.js";
import type { ContaboSettings } from "../settings.js";
import { isMachineLocked, machineOptions } from "./guard.js";

/** What Pulumi's process for dynamic providers calls an instance. */
const TYPE = "pulumi-nodejs:dynamic/contabo:Instance";

/** An instance at Contabo as a resource: adopted, switched, reinstalled; never ordered, and never cancelled. */
export class ContaboResource extends pulumi.CustomResource {
  /** Without a prefix length. */
  declare readonly ipv4: pulumi.Output<string>;
  /** Without a prefix length; empty where it has none. */
  declare readonly ipv6: pulumi.Output<string>;
  /** What it does, as Contabo says. */
  declare readonly status: pulumi.Output<string>;

  /**
   * @param name Pulumi's name of the resource
   * @param inputs what is wanted; the account comes from the environment, where Pulumi's state has nothing of it
   */
  constructor(name: string, inputs: pulumi.Inputs & ContaboInputs, options: pulumi.CustomResourceOptions = {}) {
    super(TYPE, name, { ...inputs, __provider: PROVIDER_TEXT, ...UNKNOWN_YET }, options);
  }
}

/** Outputs that a program may read have to be named when the resource is made. */
const UNKNOWN_YET = { ipv4: undefined, ipv6: undefined, status: undefined };

/**
 * A host at Contabo. Its instance exists already; removing the host only forgets it. Where the host is to be made anew, the instance is
 * reinstalled with the stack's image, and keeps its number and addresses.
 */
export class ContaboMachine extends pulumi.ComponentResource {
  readonly instance: ContaboResource;
  readonly output: pulumi.Output<HostOutput>;

  /**
   * @param machine the instance as the plan wants it
   * @param environment the environment's name, or null for the fleet itself
   * @param options `dependsOn` names the machines that have to be there first
   */
  constructor(
    machine: ContaboView,
    environment: string | null,
    settings: ContaboSettings,
    { dependsOn, ...options }: pulumi.ComponentResourceOptions = {},
  ) {
    super("meshflake:contabo:Machine", machine.name, {}, options);
    this.instance = new ContaboResource(machine.name, inputsOf(machine, settings), {
      parent: this,
      ...machineOptions(machine.guard, []),
      ...(dependsOn !== undefined && { dependsOn }),
    });
    const { id, urn, ipv4, ipv6 } = this.instance;
    this.output = pulumi.all([id, urn, ipv4, ipv6]).apply(([number, name, own4, own6]) => ({
      platform: "contaboVm" as const,
      id: number,
      ...(own4 !== "" && { ipv4: own4 }),
      ...(own6 !== "" && { ipv6: own6 }),
      protected: isMachineLocked(machine.guard),
      urn: name,
      join: joinCommand({ platform: "contaboVm", host: machine.host, at: own4 || own6 || number }, environment),
    }));
    this.registerOutputs();
  }
}

/** What the resource shall be. Only where the host is to be made anew is there a reinstallation in it. */
export function inputsOf(machine: ContaboView, { image, rescue, sshKeys }: ContaboSettings): ContaboInputs {
  const { instanceId, region, product, guard, host } = machine;
  const keys = sshKeys.length > 0 && { sshKeys };
  return {
    instanceId,
    power: rescue === host ? "rescue" : "running",
    ...(region !== null && { region }),
    ...(product !== null && { product }),
    ...(sshKeys.length > 0 && { rescueKeys: sshKeys }),
    ...(guard === "replaced" && image !== null && { reinstall: { imageId: image, ...keys } }),
  };
}
