import type { SecretSpec } from "../../generators/model/secrets.js";
import { deployCommand, deployTarget } from "../machines/deploy.js";
import { joinNames } from "../terminal/words.js";
import type { Secrets } from "./session.js";

/** What to run next, in order. Nothing of it is done by itself: what runs on hosts goes through review. */

/** ` --env dev`, for commands of an environment. */
export function envOf({ fleet }: Secrets): string {
  return fleet.environment === null ? "" : ` --env ${fleet.environment}`;
}

/** The lock says something else now, and files changed. */
export function generateStep(secrets: Secrets): string {
  return `meshflake generate${envOf(secrets)}, and commit what changed`;
}

/** @param hosts in the order in which they are to be switched */
export function deployStep({ target }: Secrets, hosts: readonly string[]): string {
  const [first] = hosts;
  if (first === undefined) return "nothing to deploy";
  const command = deployCommand(deployTarget(target.plan, first));
  const all = hosts.length > 1 ? ", and so on" : "";
  return `deploy ${joinNames(hosts)} (${command}${all}, with NIX_SSHOPTS as in the README)`;
}

/** Hosts that are to read a secret, and run. */
export function readersStep(secrets: Secrets, spec: SecretSpec): readonly string[] {
  return spec.readers.length === 0
    ? [generateStep(secrets)]
    : [generateStep(secrets), deployStep(secrets, spec.readers)];
}

export function formatSteps(steps: readonly string[]): string {
  if (steps.length === 0) return "";
  return ["Next:", ...steps.map((step, i) => `  ${i + 1}. ${step}`)].join("\n");
}
