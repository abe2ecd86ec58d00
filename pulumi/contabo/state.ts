import { isObject } from "../../generators/load/json.js";
import type { ContaboInstance, Installation } from "./api/instances.js";
import { POWERS, type Power } from "./converge.js";

/** What Pulumi keeps about an instance. Plain data without a secret: who asks is never an input. */

/** What a program wants of an instance. */
export interface ContaboInputs {
  /** Contabo's number for it. */
  readonly instanceId: number;
  readonly power: Power;
  /** Where it has to be; another instance is refused. */
  readonly region?: string;
  /** What it has to be; another instance is refused. */
  readonly product?: string;
  /** Numbers of public keys in Contabo's secrets, which a rescue system lets in. */
  readonly rescueKeys?: readonly number[];
  /** Erases the instance in this run, and installs it anew. */
  readonly reinstall?: Installation;
}

/** What a stack's state has of an instance. */
export interface ContaboOutputs {
  readonly instanceId: number;
  /** Contabo's own name. */
  readonly name: string;
  readonly status: string;
  readonly region: string;
  readonly product: string;
  readonly imageId: string;
  readonly ipv4: string;
  /** Empty where it has none. */
  readonly ipv6: string;
  /** Chosen at random when the stack adopted it; names its reinstallations. */
  readonly adoption: string;
  /** How often this stack has reinstalled it. */
  readonly reinstalls: number;
}

/** What goes on from run to run. */
export type ContaboHistory = Pick<ContaboOutputs, "adoption" | "reinstalls">;

/** What the state shall have of an instance. */
export function outputsOf(instance: ContaboInstance, history: ContaboHistory): ContaboOutputs {
  const { id, name, status, region, product, imageId, ipv4, ipv6 } = instance;
  return {
    instanceId: id,
    name,
    status,
    region,
    product,
    imageId,
    ipv4: ipv4?.ip ?? "",
    ipv6: ipv6?.ip ?? "",
    ...history,
  };
}

/** Inputs as Pulumi's engine hands them over. @throws TypeError where they are none of {@link ContaboInputs} */
export function parseInputs(value: unknown): ContaboInputs {
  if (!isObject(value)) throw new TypeError("an instance needs inputs");
  const { instanceId, region, product, rescueKeys, reinstall } = value;
  const power = POWERS.find((known) => known === value.power);
  if (typeof instanceId !== "number" || power === undefined) throw new TypeError("instanceId or power is missing");
  return {
    instanceId,
    power,
    ...(typeof region === "string" && { region }),
    ...(typeof product === "string" && { product }),
    ...(Array.isArray(rescueKeys) && { rescueKeys: rescueKeys.map(Number) }),
    ...(isObject(reinstall) && { reinstall: parseInstallation(reinstall) }),
  };
}

function parseInstallation({ imageId, sshKeys }: Readonly<Record<string, unknown>>): Installation {
  if (typeof imageId !== "string" || imageId === "") throw new TypeError("a reinstallation needs an imageId");
  return { imageId, ...(Array.isArray(sshKeys) && { sshKeys: sshKeys.map(Number) }) };
}

/** What an earlier run left in the state. */
export function parseHistory(value: unknown): ContaboHistory {
  const { adoption, reinstalls } = isObject(value) ? value : {};
  if (typeof adoption === "string" && typeof reinstalls === "number") return { adoption, reinstalls };
  throw new TypeError("the state of the instance is not one that this version wrote");
}
