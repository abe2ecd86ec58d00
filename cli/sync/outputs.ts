import { isObject } from "../../generators/load/json.js";
import { familyOf } from "../../generators/model/net.js";
import { UserError } from "../../generators/model/problem.js";
import type { Family } from "../../generators/model/vocabulary.js";
import { type HostOutput, OUTPUT_NAME, OUTPUTS_VERSION, PROVISIONED, type StackOutputs } from "../../pulumi/outputs.js";

/** Checks what a stack says about its machines: it may come from a file, or from a program that somebody changed. */

/** The fields that `sync` and `provision` work with. */
export type SyncedHost = Pick<
  HostOutput,
  "platform" | "id" | "ipv4" | "ipv6" | "volumes" | "protected" | "urn" | "join"
>;

/** A stack's outputs, as far as they are read. */
export interface SyncedStack extends Pick<StackOutputs, "fleet" | "environment" | "cluster" | "stack"> {
  readonly hosts: Readonly<Record<string, SyncedHost>>;
}

/**
 * @param value all outputs of a stack, as `pulumi stack output --json` prints them
 * @throws UserError where they are not those of meshflake's program
 */
export function parseOutputs(value: unknown): SyncedStack {
  const outputs = isObject(value) ? value[OUTPUT_NAME] : undefined;
  if (outputs === undefined) {
    throw new UserError(
      `the stack has no output \`${OUTPUT_NAME}\``,
      "run pulumi up first; a program of your own exports what the components return under that name",
      1,
    );
  }
  if (!isObject(outputs) || outputs.version !== OUTPUTS_VERSION) {
    const version = isObject(outputs) ? JSON.stringify(outputs.version) : "none";
    const hint = "use one version of meshflake here and in pulumi/, then run pulumi up again";
    throw new UserError(
      `the stack's outputs have version ${version}, and this meshflake reads ${OUTPUTS_VERSION}`,
      hint,
    );
  }
  const { fleet, environment, cluster, stack, hosts } = outputs;
  if (typeof fleet !== "string" || typeof stack !== "string" || !isObject(hosts))
    throw malformed("fleet, stack or hosts");
  return {
    fleet,
    environment: typeof environment === "string" ? environment : null,
    cluster: typeof cluster === "string" ? cluster : null,
    stack,
    hosts: Object.fromEntries(Object.entries(hosts).map(([name, host]) => [name, parseHost(name, host)])),
  };
}

function parseHost(name: string, host: unknown): SyncedHost {
  const platform = isObject(host) ? PROVISIONED.find((known) => known === host.platform) : undefined;
  if (!isObject(host) || platform === undefined) throw malformed(`hosts.${name}.platform`);
  const { volumes } = host;
  const [id, urn, join] = [parseText(name, host, "id"), parseText(name, host, "urn"), parseText(name, host, "join")];
  const [ipv4, ipv6] = [parseAddress(name, host, "ipv4"), parseAddress(name, host, "ipv6")];
  const numbers = volumes === undefined ? {} : parseVolumes(name, volumes);
  return {
    platform,
    id,
    ...(ipv4 !== undefined && { ipv4 }),
    ...(ipv6 !== undefined && { ipv6 }),
    ...(Object.keys(numbers).length > 0 && { volumes: numbers }),
    protected: host.protected === true,
    urn,
    join,
  };
}

function parseText(name: string, host: Readonly<Record<string, unknown>>, field: string): string {
  const value = host[field];
  if (typeof value === "string" && value !== "") return value;
  throw malformed(`hosts.${name}.${field}`);
}

function parseAddress(name: string, host: Readonly<Record<string, unknown>>, family: Family): string | undefined {
  const address = host[family];
  if (address === undefined || address === null || address === "") return undefined;
  if (typeof address === "string" && familyOf(address) === family) return address;
  throw malformed(`hosts.${name}.${family}`);
}

function parseVolumes(name: string, volumes: unknown): Record<string, string> {
  const entries = isObject(volumes) ? Object.entries(volumes) : [];
  const texts = entries.flatMap(([volume, id]) => (typeof id === "string" ? [[volume, id] as const] : []));
  if (!isObject(volumes) || texts.length < entries.length) throw malformed(`hosts.${name}.volumes`);
  return Object.fromEntries(texts);
}

function malformed(what: string): UserError {
  const hint = "look at `pulumi stack output --json`; an update that was stopped is finished by pulumi up";
  return new UserError(`the stack's output \`${OUTPUT_NAME}\` is not whole: ${what}`, hint, 1);
}
