import { suggestName } from "../../../generators/load/nearest.js";
import { UserError } from "../../../generators/model/problem.js";
import type { SecretSpec } from "../../../generators/model/secrets.js";
import { debtsOf, isKnownTo, leavingOf } from "../readers.js";
import { takesTwoSteps } from "../rotate/select.js";
import type { Secrets } from "../session.js";

/** What somebody knows who has all of a host. */
export interface HostKnowledge {
  readonly host: string;
  /** False where it is gone from the fleet. */
  readonly inFleet: boolean;
  /** Secrets that it can read now, or knows otherwise. */
  readonly known: readonly SecretSpec[];
  /** Names of secrets that it knew when it left, and that have the same value still. */
  readonly owed: readonly string[];
  /** Names of secrets that are in rotation because of it: the value that it knows is valid until `--finish`. */
  readonly leaving: readonly string[];
}

/** @throws UserError where nothing is known of the host */
export function auditHost({ fleet, lock, specs }: Secrets, host: string): HostKnowledge {
  const inFleet = fleet.hosts.has(host);
  const known = [...specs.values()].filter((spec) => isKnownTo(lock, spec, host));
  const owed = debtsOf(lock, `host ${host}`);
  const leaving = leavingOf(lock, `host ${host}`);
  const found = known.length + owed.length + leaving.length > 0;
  if (inFleet || host in lock.hosts || found) return { host, inFleet, known, owed, leaving };
  throw new UserError(
    `no host is named \`${host}\`, and no secret waits for one`,
    suggestName(host, [...fleet.hosts.keys()]),
  );
}

/** How a secret gets another value. */
export function describeRotation(spec: SecretSpec, host: string): string {
  if (spec.kind === "own") return "meshflake secrets set, with a new value";
  return takesTwoSteps(spec, host) ? "in two steps" : "at once";
}
