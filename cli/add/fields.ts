import { UserError } from "../../generators/model/problem.js";
import type { Platform } from "../../generators/model/vocabulary.js";
import type { CommandOptions } from "../context.js";
import type { Literal } from "./print.js";

/** A host's fields out of the options of `meshflake add`. */

/** Options that only some platforms have, by commander's name for them. */
const PLATFORM_OPTIONS: Readonly<Record<string, readonly Platform[]>> = {
  model: ["raspberryPi"],
  node: ["proxmoxLxc", "proxmoxVm"],
  vmId: ["proxmoxLxc", "proxmoxVm"],
  serverType: ["hetznerVm"],
  location: ["hetznerVm"],
  instanceId: ["contaboVm"],
  disk: ["raspberryPi", "proxmoxVm", "hetznerVm", "contaboVm", "bareMetal"],
};

/** What a platform cannot do without. */
const REQUIRED: Readonly<Record<Platform, readonly string[]>> = {
  raspberryPi: ["model"],
  proxmoxLxc: ["node"],
  proxmoxVm: ["node"],
  hetznerVm: ["serverType", "location"],
  contaboVm: [],
  bareMetal: ["disk"],
};

/** `serverType` is `--server-type` on the command line. */
function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function checkPlatform(platform: Platform, options: CommandOptions): void {
  for (const [name, platforms] of Object.entries(PLATFORM_OPTIONS)) {
    if (options[name] === undefined || platforms.includes(platform)) continue;
    throw new UserError(`${platform} has no ${flagOf(name)}`, `it belongs to ${platforms.join(" and ")}`);
  }
  const missing = REQUIRED[platform].filter((name) => options[name] === undefined);
  if (missing.length > 0) {
    throw new UserError(`${platform} needs ${missing.map(flagOf).join(" and ")}`, "meshflake add --help explains them");
  }
}

function readText(options: CommandOptions, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

function readNumber(options: CommandOptions, name: string): number | undefined {
  const text = readText(options, name);
  if (text === undefined) return undefined;
  if (!/^[1-9][0-9]*$/.test(text)) throw new UserError(`${flagOf(name)} is a whole number, not \`${text}\``);
  return Number(text);
}

function readFields(options: CommandOptions, names: readonly string[]): Literal | undefined {
  const entries = names.flatMap((name) => {
    const value = readText(options, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/**
 * @returns the host file's fields in the order in which people write them
 * @throws UserError where an option does not belong to the platform, or one is missing
 */
export function readHostFields(
  platform: Platform,
  options: CommandOptions,
): { readonly [key: string]: Literal | undefined } {
  checkPlatform(platform, options);
  const device = readText(options, "disk");
  const tags = Array.isArray(options.tag) ? options.tag : undefined;
  return {
    site: readText(options, "site"),
    cluster: readText(options, "cluster"),
    model: readNumber(options, "model"),
    node: readText(options, "node"),
    vmId: readNumber(options, "vmId"),
    serverType: readText(options, "serverType"),
    location: readText(options, "location"),
    instanceId: readNumber(options, "instanceId"),
    tags,
    address: readFields(options, ["ipv4", "gateway4", "ipv6", "gateway6", "lan"]),
    mesh: options.relay === true ? { relay: true } : undefined,
    nomad: options.server === true ? { server: true } : undefined,
    consul: options.server === true ? { server: true } : undefined,
    disks: device === undefined ? undefined : { layout: "ext4", device },
  };
}
