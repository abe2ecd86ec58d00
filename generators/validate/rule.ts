import type { Fleet } from "../model/fleet.js";
import type { FleetInputs } from "../model/inputs.js";
import type { Origin, Severity } from "../model/problem.js";
import type { FleetPlan } from "../plan/types.js";

/** What a rule found, without what all findings of a rule have in common. */
export interface Finding {
  readonly at: readonly Origin[];
  readonly message: string;
  readonly hint: string;
  /** Where it differs from the rule's own. */
  readonly severity?: Severity;
}

export interface RuleContext {
  readonly inputs: FleetInputs;
  /** Resolved as far as the inputs make sense: a value that cannot be parsed is left out, and so is a host of an unknown site or cluster. */
  readonly fleet: Fleet;
}

export interface PlanRuleContext extends RuleContext {
  readonly plan: FleetPlan;
}

interface RuleBase {
  /** Stable, kebab-case. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence for `docs/rules.md`: what must hold. */
  readonly title: string;
  /** A paragraph for `docs/rules.md`: why, and what happens otherwise. Markdown. */
  readonly why: string;
}

/** One function with a code. `fleet` rules always run; `plan` rules run once no other rule found an error. */
export type Rule =
  | (RuleBase & { readonly needs: "fleet"; readonly check: (context: RuleContext) => Iterable<Finding> })
  | (RuleBase & { readonly needs: "plan"; readonly check: (context: PlanRuleContext) => Iterable<Finding> });
