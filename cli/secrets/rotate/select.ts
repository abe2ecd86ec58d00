import { suggestName } from "../../../generators/load/nearest.js";
import { UserError } from "../../../generators/model/problem.js";
import { lockedSecretOf, type SecretKind, type SecretSpec } from "../../../generators/model/secrets.js";
import { idOf } from "../../../generators/secrets/lock-entries.js";
import { findSecret } from "../names.js";
import { debtsOf, isKnownTo, leavingOf } from "../readers.js";
import type { Secrets } from "../session.js";

/** What `rotate` was asked for. */
export interface RotateRequest {
  readonly names: readonly string[];
  readonly host: string | null;
  readonly all: boolean;
  readonly finish: boolean;
  /** Finishes also what was not deployed, as far as git tells. */
  readonly force: boolean;
}

/** Which secrets get a new value, and which a person has to give one. */
export interface Selection {
  readonly made: readonly SecretSpec[];
  readonly own: readonly SecretSpec[];
  /** A host of the fleet that was lost: its own tokens end at once. */
  readonly lost: string | null;
}

/**
 * The old value stays valid until `--finish`: of secrets that running daemons share with servers, and of SSH host keys, which a
 * host shows until it is deployed, over SSH.
 */
const TWO_STEPS: ReadonlySet<SecretKind> = new Set<SecretKind>([
  "ssh",
  "consul-token",
  "nomad-token",
  "consul-gossip",
  "nomad-gossip",
]);

/** @param lost a host whose own tokens nobody needs any more */
export function takesTwoSteps({ kind, of }: SecretSpec, lost: string | null): boolean {
  const ofHost = kind === "consul-token" || kind === "nomad-token" || kind === "ssh";
  return TWO_STEPS.has(kind) && !(ofHost && of === lost);
}

/** @throws UserError where the request makes no sense */
export function checkRequest({ names, host, all, finish, force }: RotateRequest): void {
  const given = [names.length > 0, host !== null, all].filter((one) => one).length;
  if (given > 1) throw new UserError("names, --host and --all exclude each other");
  if (finish && host !== null) {
    throw new UserError("--finish takes names, or nothing for all that is in rotation", "leave --host out");
  }
  if (force && !finish) throw new UserError("--force goes with --finish");
  if (given === 0 && !finish) {
    throw new UserError(
      "what is to be rotated?",
      "give names of secrets, --host HOST or --all; `meshflake secrets audit` says what must be",
    );
  }
}

/** Finds what is to be rotated. @throws UserError where a name is wrong, or a secret has no value */
export function selectSecrets(secrets: Secrets, { names, host, all }: RotateRequest): Selection {
  const { lock, specs, fleet } = secrets;
  const made = [...specs.values()].filter((spec) => idOf(lock, spec) !== null);
  if (host !== null) return selectOf(secrets, made, host);
  if (all) {
    const owed = (spec: SecretSpec) => spec.kind !== "own" || lock.rotate?.[spec.name] !== undefined;
    return split(made.filter(owed), null);
  }
  const chosen = names.map((name) => findSecret(fleet, specs, name));
  for (const spec of chosen) {
    if (spec.kind === "own") {
      throw new UserError(
        `${spec.name} is a secret of your own`,
        `give it a new value: meshflake secrets set ${spec.name}`,
      );
    }
    if (idOf(lock, spec) === null) {
      throw new UserError(`${spec.name} has no value yet`, "run `meshflake generate`, which makes it", 1);
    }
  }
  return split([...new Set(chosen)], null);
}

function selectOf({ fleet, lock, specs }: Secrets, made: readonly SecretSpec[], host: string): Selection {
  const owed = new Set(debtsOf(lock, `host ${host}`));
  if (!fleet.hosts.has(host)) {
    if (owed.size > 0)
      return split(
        made.filter(({ name }) => owed.has(name)),
        null,
      );
    if (host in lock.hosts) {
      throw new UserError(`${host} is gone from the fleet, and still in the lock`, "run `meshflake generate` first", 1);
    }
    const leaving = leavingOf(lock, `host ${host}`);
    if (leaving.length > 0) {
      throw new UserError(
        `all that ${host} knew is in rotation already`,
        `once every host has the new values: meshflake secrets rotate ${leaving.join(" ")} --finish`,
        1,
      );
    }
    throw new UserError(
      `no host is named \`${host}\`, and no secret waits for a rotation because of one`,
      suggestName(host, [...fleet.hosts.keys(), ...listDebtors(lock.rotate ?? {})]),
    );
  }
  const known = made.filter((spec) => owed.has(spec.name) || isKnownTo(lock, spec, host));
  if (known.length > 0) return split(known, host);
  throw new UserError(`${host} has no secrets yet`, `${specs.size === 0 ? "" : "run `meshflake generate`"}`, 1);
}

function listDebtors(rotate: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const debtors = Object.values(rotate).flat();
  return [...new Set(debtors)].flatMap((who) => (who.startsWith("host ") ? [who.slice("host ".length)] : []));
}

function split(specs: readonly SecretSpec[], lost: string | null): Selection {
  return { made: specs.filter(({ kind }) => kind !== "own"), own: specs.filter(({ kind }) => kind === "own"), lost };
}

/** What is in rotation, all of it or the named. @throws UserError where a named one is not */
export function selectRotating({ fleet, lock, specs }: Secrets, names: readonly string[]): readonly SecretSpec[] {
  const isRotating = (spec: SecretSpec) => lockedSecretOf(lock, spec)?.retiring !== undefined;
  if (names.length === 0) return [...specs.values()].filter(isRotating);
  const chosen = [...new Set(names.map((name) => findSecret(fleet, specs, name)))];
  const wrong = chosen.find((spec) => !isRotating(spec));
  if (wrong === undefined) return chosen;
  throw new UserError(`${wrong.name} is in no rotation`, `begin one: meshflake secrets rotate ${wrong.name}`);
}
