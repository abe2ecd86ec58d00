import type { Problem } from "../model/problem.js";
import type { PlanRuleContext, Rule, RuleContext } from "./rule.js";
import { nomadWithoutConsul, singleRelay, voterCgnat, voterSmall, votersTogether } from "./rules/cluster/placement.js";
import { checkPath, consulMeta, nomadOffer, nomadUnused, serviceCheck, serviceName } from "./rules/cluster/services.js";
import { votersEven, votersMany, votersNone, votersOne } from "./rules/cluster/voters.js";
import { createAcceptRule } from "./rules/fleet/accept.js";
import { lockGone, lockOutside, lockTwice, lockValue } from "./rules/fleet/lock.js";
import { datacenterName, domainLocal, domainName, fleetName, hostName, nameTwice } from "./rules/fleet/names.js";
import { secretAccess, secretHosts, secretName } from "./rules/fleet/own-secrets.js";
import { accountName, admins, ageRecipient, deviceKey, deviceRelay, sshKey } from "./rules/fleet/people.js";
import { clusterEmpty, listedTwice, unknownCluster, unknownRelay, unknownSite } from "./rules/fleet/references.js";
import { secretExposed, secretUnread, secretUnset } from "./rules/fleet/sealed.js";
import { zoneDomain } from "./rules/fleet/zone.js";
import { lxcClient, lxcDriver } from "./rules/machine/containers.js";
import { hetznerLocation, hetznerType, hetznerVolume } from "./rules/machine/hetzner.js";
import { contaboInstance, diskMissing, nixFile, timeZone } from "./rules/machine/machines.js";
import { nixosKey } from "./rules/machine/options.js";
import { environmentMachine } from "./rules/machine/production.js";
import { proxmoxId, proxmoxMount, proxmoxPci } from "./rules/machine/proxmox.js";
import { addressPrivate, addressUnusable, familyNone, gateway, gatewayMissing } from "./rules/network/addresses.js";
import { blocklistUrl, dnsRecord } from "./rules/network/dns.js";
import { addressTwice, endpointTwice } from "./rules/network/duplicates.js";
import { meshAddress, meshMtu, meshPort, meshPublic, meshSize } from "./rules/network/mesh.js";
import {
  addressFamily,
  addressNotation,
  endpointNotation,
  interfaceName,
  macNotation,
  upstreamNotation,
} from "./rules/network/notation.js";
import { portDynamic, portExposed, reservedPorts, servicePort, sshPort } from "./rules/network/ports.js";
import { lanAddress, rangeHostBits, rangeOverlap } from "./rules/network/ranges.js";
import {
  dynamicAddress,
  endpointInside,
  endpointUnreachable,
  forwardUnused,
  noPath,
  relayUnreachable,
} from "./rules/network/reachability.js";

import { relayPending, siteRelayed } from "./rules/network/relayed.js";

export { createNixFileRule } from "./rules/machine/machines.js";
export { createOptionRule } from "./rules/machine/options.js";

/** Warnings of the loader and of the proof. */
const OTHER_WARNINGS = ["host-ignored", "no-hosts", "proof-single-relay"];

/** Every rule that needs nothing but the fleet, in the order of `docs/rules.md`. */
export const RULES: readonly Rule[] = [
  ...[hostName, fleetName, domainName, domainLocal, zoneDomain, nameTwice, datacenterName],
  ...[unknownSite, unknownCluster, unknownRelay, clusterEmpty, listedTwice],
  ...[addressNotation, addressFamily, macNotation, interfaceName, endpointNotation, upstreamNotation],
  ...[addressUnusable, addressPrivate, gateway, gatewayMissing, familyNone, addressTwice, endpointTwice],
  ...[rangeOverlap, rangeHostBits, lanAddress],
  ...[meshAddress, meshSize, meshPublic, meshPort, meshMtu],
  ...[servicePort, sshPort, reservedPorts, portDynamic, portExposed],
  ...[relayUnreachable, relayPending, endpointUnreachable, endpointInside, dynamicAddress, forwardUnused],
  ...[noPath, singleRelay, siteRelayed],
  ...[votersNone, votersEven, votersMany, votersOne, votersTogether, voterCgnat, voterSmall, nomadWithoutConsul],
  ...[lxcClient, lxcDriver, proxmoxId, proxmoxPci, proxmoxMount],
  ...[hetznerLocation, hetznerType, hetznerVolume, contaboInstance, environmentMachine],
  ...[diskMissing, nixFile, timeZone, nixosKey],
  ...[admins, accountName, sshKey, ageRecipient, deviceKey, deviceRelay],
  ...[serviceName, serviceCheck, checkPath, consulMeta, nomadOffer, nomadUnused, dnsRecord, blocklistUrl],
  ...[secretName, secretAccess, secretHosts, secretUnset, secretUnread, secretExposed],
  ...[lockValue, lockTwice, lockGone, lockOutside],
  createAcceptRule(() => RULES, OTHER_WARNINGS),
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
