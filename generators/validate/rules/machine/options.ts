import type { NixTree } from "../../../model/input.js";
import type { ValuePath } from "../../../model/problem.js";
import type { Finding, Rule, RuleContext } from "../../rule.js";
import { eachHost, quote } from "../support.js";

/** Literal NixOS options of a host. */

/** `{ services: { openssh: { enable: … } } }`. */
function nest(names: readonly string[]): string {
  return names.reduceRight((inner, name) => `{ ${name}: ${inner} }`, "…");
}

function* checkKeys(context: RuleContext): Iterable<Finding> {
  for (const [name, { nixos = {} }] of eachHost(context)) {
    for (const key of Object.keys(nixos)) {
      if (/^[A-Za-z_][A-Za-z0-9_'-]*$/.test(key)) continue;
      const nested = key.includes(".") ? `nest it: ${nest(key.split("."))}` : "write the option's name";
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

/** An option that a tree sets to one value, and where in the tree. */
export interface SetOption {
  /** As Nix writes it. */
  readonly option: string;
  readonly path: ValuePath;
}

/**
 * Checks that a host's own options do not define again what a generated file defines. What the generated files say is only
 * known to the stage that renders them, so it comes in from outside.
 * @param optionsSetBy the options that the generated files of a host set, as Nix writes them
 * @param listOptions the options that a tree sets, without those that NixOS merges
 */
export function createOptionRule(
  optionsSetBy: (host: string) => ReadonlySet<string>,
  listOptions: (tree: NixTree) => Iterable<SetOption>,
): Rule {
  return {
    code: "nixos-option",
    severity: "error",
    title: "Options in `nixos` are not ones that a generated file sets",
    why: "NixOS refuses two different definitions of one option, with a trace through both files. Where a field of the host file sets the option, use that field; where the value really must differ, say so with `lib.mkForce`. Lists are merged, and never clash.",
    needs: "plan",
    *check({ inputs, plan }) {
      for (const { host } of plan.hosts.values()) {
        const own = [...listOptions(host.nixos)];
        if (own.length === 0) continue;
        const taken = optionsSetBy(host.name);
        for (const { option, path } of own) {
          if (!taken.has(option)) continue;
          const hint = "remove it, or say which one wins: nix`lib.mkForce …`";
          const at = inputs.originsOf(host.name, ["nixos", ...path]);
          yield { at, message: `a generated file sets ${option} already`, hint };
        }
      }
    },
  };
}
