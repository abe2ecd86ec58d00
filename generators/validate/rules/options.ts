import type { NixTree, NixValue } from "../../model/input.js";
import type { Finding, Rule, RuleContext } from "../rule.js";
import { eachHost, quote } from "./support.js";

/** Literal NixOS options of a host. */

function* checkKeys(context: RuleContext): Iterable<Finding> {
  for (const [name, { nixos = {} }] of eachHost(context)) {
    for (const key of Object.keys(nixos)) {
      if (/^[A-Za-z_][A-Za-z0-9_'-]*$/.test(key)) continue;
      const nested = key.includes(".") ? `nest it: { ${key.split(".").join(": { ")} …` : "write the option's name";
      const message = `${quote(key)} is no option of NixOS`;
      yield { at: context.inputs.originsOf(name, ["nixos", key]), message, hint: nested };
    }
  }
}

export const nixosKey: Rule = {
  code: "nixos-key",
  severity: "error",
  title: "Options in `nixos` are a nested tree",
  why: 'A key is printed as one attribute. `"services.openssh.enable"` would become an attribute with dots in its name, which no option has.',
  needs: "fleet",
  check: checkKeys,
};

/** Definitions that may stand beside another one: they say how the two are merged. */
const MERGES = /\bmk(?:Force|Override|Default|Merge|Before|After|Order|ImageMediaOverride|VMOverride)\b/;

/** Leaves of a literal tree that would be a second definition of an option; lists are merged by NixOS. */
function* eachDefinition(tree: NixTree, path: readonly string[] = []): Iterable<readonly string[]> {
  for (const [key, value] of Object.entries(tree)) {
    const own = [...path, key];
    if (isTree(value)) yield* eachDefinition(value, own);
    else if (!Array.isArray(value) && !isMerge(value)) yield own;
  }
}

function isTree(value: NixValue): value is NixTree {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !("$nix" in value);
}

function isMerge(value: NixValue): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return typeof value.$nix === "string" && MERGES.test(value.$nix);
}

/**
 * Checks that a host's own options do not define again what a generated file defines.
 * @param optionsSetBy the options that the generated files of a host set, as paths with dots between the names
 */
export function createOptionRule(optionsSetBy: (host: string) => ReadonlySet<string>): Rule {
  return {
    code: "nixos-option",
    severity: "error",
    title: "Options in `nixos` are not ones that a generated file sets",
    why: "NixOS refuses two different definitions of one option, with a trace through both files. Where a field of the host file sets the option, use that field; where the value really must differ, say so with `lib.mkForce`. Lists are merged, and never clash.",
    needs: "plan",
    *check({ inputs, plan }) {
      for (const { host } of plan.hosts.values()) {
        const own = [...eachDefinition(host.nixos)];
        if (own.length === 0) continue;
        const taken = optionsSetBy(host.name);
        for (const path of own) {
          if (!taken.has(path.join("."))) continue;
          const message = `a generated file sets ${path.join(".")} already`;
          const hint = "remove it, or say which one wins: nix`lib.mkForce …`";
          yield { at: inputs.originsOf(host.name, ["nixos", ...path]), message, hint };
        }
      }
    },
  };
}
