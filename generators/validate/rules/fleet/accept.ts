import type { Rule } from "../../rule.js";
import { quote, suggestOr } from "../support.js";

/** Warnings that a fleet lives with. */

/**
 * Checks what the fleet accepts.
 * @param listRules every rule; a function, since this one is among them
 * @param others codes of warnings that no rule makes
 */
export function createAcceptRule(listRules: () => readonly Rule[], others: readonly string[]): Rule {
  return {
    code: "accept-code",
    severity: "error",
    title: "A fleet accepts only warnings, and says why",
    why: "`accept` silences one warning for good. A misspelt code silences nothing, an error cannot be lived with, and without a reason nobody dares to remove the line again.",
    needs: "fleet",
    *check({ inputs }) {
      const accepted = Object.entries(inputs.fleet.value.accept ?? {});
      if (accepted.length === 0) return;
      const rules = listRules();
      const warnings = [...rules.filter(({ severity }) => severity === "warning").map(({ code }) => code), ...others];
      for (const [code, reason] of accepted) {
        const at = inputs.fleetOriginsOf(["accept", code]);
        if (!warnings.includes(code)) {
          const isError = rules.some((rule) => rule.code === code);
          const message = isError
            ? `${code} is an error, and only warnings can be accepted`
            : `no rule is called ${quote(code)}`;
          const hint = isError ? "remove it, and mend what the rule says" : suggestOr(code, warnings, "remove it");
          yield { at, message, hint };
        } else if (reason.trim() === "") {
          yield { at, message: `nothing says why ${code} is accepted`, hint: "write the reason as its value" };
        }
      }
    },
  };
}
