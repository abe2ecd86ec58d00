import type { ValuePath } from "../../model/problem.js";
import type { FleetPlan } from "../../plan/types.js";
import { hostParts } from "../host.js";
import type { HostViews } from "../types.js";
import { viewHost } from "../views/fleet.js";
import type { Printable } from "./nix.js";
import { printAttribute } from "./nix-text.js";

/** Which NixOS options a tree sets, so that two places which set the same one are found before Nix does. */

export interface SetOption {
  /** The option's path as Nix writes it, e.g. `boot.kernel.sysctl."net.ipv4.ip_forward"`. */
  readonly option: string;
  /** The place in the tree. */
  readonly path: ValuePath;
}

/** Texts that NixOS joins by lines. */
const JOINED = new Set(["networking.firewall.extraForwardRules", "networking.firewall.extraInputRules"]);

/** Where lists do not merge: the option's type takes any value. */
const UNMERGED = "services.consul.extraConfig.";

/**
 * The options that a tree sets to one value. Lists are left out where NixOS appends them to each other, and so is what
 * an expression such as `lib.mkForce` decides by itself.
 */
export function listOptions(tree: object): SetOption[] {
  const options: SetOption[] = [];
  collect(tree, "", [], options);
  return options;
}

function collect(value: Printable, option: string, path: ValuePath, options: SetOption[]): void {
  if (value === undefined) return;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    if ("$nix" in value) return;
    for (const [key, child] of Object.entries(value)) {
      const name = printAttribute(key);
      collect(child, option === "" ? name : `${option}.${name}`, [...path, key], options);
    }
    return;
  }
  if (JOINED.has(option)) return;
  if (!Array.isArray(value) || option.startsWith(UNMERGED)) options.push({ option, path });
}

/**
 * The options that a host's generated files set, its own `nixos` tree left out.
 * @param views those of `viewHost`, where they have been made already
 * @throws RangeError where the plan has no such host
 */
export function optionsSetBy(
  plan: FleetPlan,
  name: string,
  views: HostViews = viewHost(plan, name),
): ReadonlySet<string> {
  const own = plan.hosts.get(name);
  if (own === undefined) throw new RangeError(`no host ${name} in the plan`);
  const options = new Set<string>();
  for (const [file, parts] of hostParts(plan, own, views)) {
    if (file === "options") continue;
    for (const part of Object.values(parts)) {
      if (part !== null) for (const { option } of listOptions(part)) options.add(option);
    }
  }
  return options;
}
