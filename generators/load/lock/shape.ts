import { isLockableName, LEAVING, LOCK_VERSION, WHOLE_LOCK_VERSION } from "../../model/lock.js";
import type { Problem } from "../../model/problem.js";
import { isObject } from "../json.js";
import { problemIn } from "../problems.js";

/** Whether a lock has the shape that the program works on. Everything may be missing, and is made anew then. */

type Block = Readonly<Record<string, unknown>>;
/** Reports what is wrong at a path of the lock. */
type Report = (path: readonly string[], message: string) => Problem;

const REGENERATE = "restore the file from git; `meshflake generate` adds what is missing";

/** Checks the shared file, with the hosts that one of version 1 has. @param value its JSON */
export function* checkLock(file: string, value: unknown): Generator<Problem> {
  const report = reportIn(file);
  if (!isObject(value)) return yield report([], "is not a JSON object");
  const { version, hosts } = value;
  if (version !== LOCK_VERSION && version !== WHOLE_LOCK_VERSION) return yield describeVersion(file, version);
  if (version === WHOLE_LOCK_VERSION || hosts !== undefined) yield* checkBlocks(report, ["hosts"], hosts, checkNamed);
  for (const [kind, check] of Object.entries({
    devices: checkDevice,
    clusters: checkSecrets,
    admins: checkTexts,
    rotate: checkTexts,
  }))
    if (value[kind] !== undefined) yield* checkBlocks(report, [kind], value[kind], check);
  if (value.revoked !== undefined) yield* checkTexts(report, ["revoked"], value.revoked);
}

/** Checks a host's file. @param value its JSON */
export function* checkHostLock(file: string, value: unknown): Generator<Problem> {
  if (isObject(value) && value.version !== LOCK_VERSION) return yield describeVersion(file, value.version);
  yield* checkHost(reportIn(file), [], value);
}

function reportIn(file: string): Report {
  return (path, message) => problemIn("lock-syntax", file, [...path], message, REGENERATE);
}

function describeVersion(file: string, version: unknown): Problem {
  const newer = typeof version === "number" && version > LOCK_VERSION;
  const message = `version ${JSON.stringify(version)} is not ${LOCK_VERSION}, the one that this meshflake reads`;
  return problemIn("lock-syntax", file, ["version"], message, newer ? "update meshflake" : REGENERATE);
}

function* checkBlocks(
  report: Report,
  path: readonly string[],
  value: unknown,
  check: (report: Report, path: readonly string[], entry: unknown) => Generator<Problem>,
): Generator<Problem> {
  if (!isObject(value)) return yield report(path, "is not an object");
  for (const [name, entry] of Object.entries(value)) yield* check(report, [...path, name], entry);
}

/** A host's block beside others: its name becomes a file's. */
function* checkNamed(report: Report, path: readonly string[], entry: unknown): Generator<Problem> {
  if (!isLockableName(path.at(-1) ?? "")) yield report(path, "cannot be the name of a host");
  yield* checkHost(report, path, entry);
}

function* checkHost(report: Report, path: readonly string[], entry: unknown): Generator<Problem> {
  if (!isObject(entry)) return yield report(path, "is not an object");
  yield* checkText(report, path, entry, ["mesh"], "is not an address");
  yield* checkText(report, path, entry, ["wireguard", "age", "ssh"], "is not a text");
  if (entry.sshRotation !== undefined) yield* checkRotation(report, [...path, "sshRotation"], entry.sshRotation);
  yield* checkTextsByName(report, [...path, "sha256"], entry.sha256 ?? {});
  yield* checkFacts(report, [...path, "facts"], entry.facts ?? {});
  if (entry.leaving !== undefined && !LEAVING.some((known) => known === entry.leaving)) {
    yield report([...path, "leaving"], `is neither ${LEAVING.join(" nor ")}`);
  }
  yield* checkSecrets(report, path, entry);
}

function* checkFacts(report: Report, path: readonly string[], facts: unknown): Generator<Problem> {
  if (!isObject(facts)) return yield report(path, "is not an object");
  yield* checkText(report, path, facts, ["ipv4", "ipv6"], "is not an address");
  yield* checkText(report, path, facts, ["id"], "is not a text");
  yield* checkTextsByName(report, [...path, "volumes"], facts.volumes ?? {});
}

function* checkDevice(report: Report, path: readonly string[], entry: unknown): Generator<Problem> {
  if (!isObject(entry)) return yield report(path, "is not an object");
  yield* checkText(report, path, entry, ["mesh"], "is not an address");
}

/** A host's or a cluster's, and whom they were made for. */
function* checkSecrets(report: Report, path: readonly string[], entry: unknown): Generator<Problem> {
  if (!isObject(entry)) return yield report(path, "is not an object");
  if (entry.admins !== undefined) yield* checkTextsByName(report, [...path, "admins"], entry.admins);
  if (entry.apart !== undefined) yield* checkBlocks(report, [...path, "apart"], entry.apart, checkTextsByName);
  if (entry.secrets !== undefined) yield* checkBlocks(report, [...path, "secrets"], entry.secrets, checkSecret);
}

function* checkTextsByName(report: Report, path: readonly string[], value: unknown): Generator<Problem> {
  if (!isObject(value)) return yield report(path, "is not an object");
  yield* checkText(report, path, value, Object.keys(value), "is not a text");
}

function* checkSecret(report: Report, path: readonly string[], entry: unknown): Generator<Problem> {
  if (!isObject(entry)) return yield report(path, "is not an object");
  if (typeof entry.id !== "string") yield report([...path, "id"], "is not a text");
  yield* checkTexts(report, [...path, "readers"], entry.readers);
  yield* checkText(report, path, entry, ["sha256"], "is not a text");
  yield* checkRotation(report, path, entry);
}

function* checkRotation(report: Report, path: readonly string[], entry: unknown): Generator<Problem> {
  if (!isObject(entry)) return yield report(path, "is not an object");
  if (entry.retiring !== undefined) yield* checkTexts(report, [...path, "retiring"], entry.retiring);
  if (entry.knownTo !== undefined) yield* checkTexts(report, [...path, "knownTo"], entry.knownTo);
}

function* checkTexts(report: Report, path: readonly string[], value: unknown): Generator<Problem> {
  const fine = Array.isArray(value) && value.every((item) => typeof item === "string");
  if (!fine) yield report(path, "is not a list of texts");
}

function* checkText(
  report: Report,
  path: readonly string[],
  block: Block,
  fields: readonly string[],
  message: string,
): Generator<Problem> {
  for (const field of fields) {
    if (block[field] !== undefined && typeof block[field] !== "string") yield report([...path, field], message);
  }
}
