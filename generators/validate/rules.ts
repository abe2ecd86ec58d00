import type { Problem } from "../model/problem.js";
import type { PlanRuleContext, Rule, RuleContext } from "./rule.js";
import { addressUnusable, familyNone, gateway, gatewayMissing } from "./rules/addresses.js";
import { addressTwice, endpointTwice } from "./rules/duplicates.js";
import { datacenterName, domainName, fleetName, hostName, nameTwice } from "./rules/names.js";
import {
  addressFamily,
  addressNotation,
  endpointNotation,
  interfaceName,
  macNotation,
  upstreamNotation,
} from "./rules/notation.js";
import { listedTwice, unknownCluster, unknownOverride, unknownRelay, unknownSite } from "./rules/references.js";
import { votersEven, votersMany, votersNone, votersOne } from "./rules/voters.js";

/** Every rule, in the order of `docs/rules.md`. */
export const RULES: readonly Rule[] = [
  ...[hostName, fleetName, domainName, nameTwice, datacenterName],
  ...[unknownSite, unknownCluster, unknownRelay, unknownOverride, listedTwice],
  ...[addressNotation, addressFamily, macNotation, interfaceName, endpointNotation, upstreamNotation],
  ...[addressUnusable, gateway, gatewayMissing, familyNone, addressTwice, endpointTwice],
  ...[votersNone, votersEven, votersMany, votersOne],
];

type FleetRule = Extract<Rule, { needs: "fleet" }>;
type PlanRule = Extract<Rule, { needs: "plan" }>;

/**
 * Runs the rules that need no plan; all of them, so that every problem is reported at once.
 * @param rules the rules to run; those that need a plan are passed over
 */
export function runRules(context: RuleContext, rules: readonly Rule[] = RULES): Problem[] {
  return rules
    .filter((rule): rule is FleetRule => rule.needs === "fleet")
    .flatMap((rule) => toProblems(rule, rule.check(context)));
}

/**
 * Runs the rules that need the plan, once nothing stops the planner.
 * @param rules the rules to run; those that need no plan are passed over
 */
export function runPlanRules(context: PlanRuleContext, rules: readonly Rule[] = RULES): Problem[] {
  return rules
    .filter((rule): rule is PlanRule => rule.needs === "plan")
    .flatMap((rule) => toProblems(rule, rule.check(context)));
}

function toProblems({ code, severity }: Rule, findings: ReturnType<Rule["check"]>): Problem[] {
  return Array.from(findings, ({ at, message, hint, severity: own }) => ({
    code,
    severity: own ?? severity,
    origins: at,
    message,
    hint,
  }));
}
