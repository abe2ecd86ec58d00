import { adminGapOf } from "../../../generators/model/made-for.js";
import {
  isPair,
  lockedSecretOf,
  type SecretSpec,
  secretFile,
  secretsFolder,
} from "../../../generators/model/secrets.js";
import { takeSide } from "../../../generators/secrets/disk/whole.js";
import { idOf } from "../../../generators/secrets/lock-entries.js";
import { FolderGuard } from "../../../generators/tree/paths.js";
import { count, joinNames } from "../../terminal/words.js";
import { describeKnower } from "../knowers.js";
import { gapOf, isGap } from "../readers.js";
import type { Secrets } from "../session.js";
import { envOf } from "../steps.js";
import { describeDrift } from "./drift.js";
import { countRecipients } from "./recipients.js";

/** Everything that is to be done about a fleet's secrets. */

export type FindingKind =
  | "file"
  | "unset"
  | "unmade"
  | "rotate"
  | "rotating"
  | "admins"
  | "unreadable"
  | "readable"
  | "recipients"
  | "gone"
  | "late";

export interface Finding {
  readonly kind: FindingKind;
  /** The secrets that it is about, by name; none for what concerns all. */
  readonly secrets: readonly string[];
  /** Without a full stop. */
  readonly message: string;
  /** What to run, or to do. */
  readonly fix: string;
  /** False where everything works as it is. */
  readonly must: boolean;
}

export function auditFleet(secrets: Secrets): readonly Finding[] {
  const specs = [...secrets.specs.values()];
  const files = fileFindings(secrets);
  // What to do about a file that the lock does not know is what to do about the value that it lacks.
  const told = new Set(files.flatMap((finding) => finding.secrets));
  return [
    ...files,
    ...goneFindings(secrets),
    ...specs.filter(({ name }) => !told.has(name)).flatMap((spec) => valueFindings(secrets, spec)),
    ...debtFindings(secrets),
    ...specs.flatMap((spec) => rotationFindings(secrets, spec)),
    ...adminFindings(secrets),
    ...specs.flatMap((spec) => readerFindings(secrets, spec)),
    ...recipientFindings(
      secrets,
      specs.filter(({ name }) => !told.has(name)),
    ),
  ];
}

function fileFindings(secrets: Secrets): Finding[] {
  const { state, fleet, specs } = secrets;
  const byFile = new Map([...specs.values()].map((spec) => [secretFile(fleet.environment, spec.name), spec]));
  const problems = state.problems.map(({ code, severity, origins, message, hint = "restore it from git" }): Finding => {
    const file = origins[0]?.file ?? "";
    // Of a stray file, its own name is where the problem is; of one that the lock has, it begins the sentence.
    const named = message.slice(0, message.indexOf(" "));
    const spec = byFile.get(file) ?? byFile.get(named);
    const about = code === "secret-stray" ? `${file}: ${message}` : message;
    const isMade = code === "secret-stray" && severity === "warning" && spec !== undefined && spec.kind !== "own";
    // What settles one file of a merge settles all of them, where the lock has one side's value of each.
    const side = state.unmerged.get(spec?.name ?? "");
    const where = new Set(state.unmerged.values()).size > 1 ? named : secretsFolder(fleet.environment);
    const all = `meshflake secrets rekey --all${envOf(secrets)}`;
    const other = side !== undefined && state.unmerged.size > 1 ? takeSide(where, side, all) : hint;
    const fix = isMade ? `${hint}; if it is: meshflake generate${envOf(secrets)}` : other;
    return { kind: "file", secrets: spec === undefined ? [] : [spec.name], message: about, fix, must: true };
  });
  if (state.finish.length + state.discard.length === 0) return problems;
  const message = "a stopped run left files behind";
  return [...problems, { kind: "file", secrets: [], message, fix: "meshflake generate settles them", must: true }];
}

/** Until `generate` settled it, what such a host knew is not noted. */
function goneFindings(secrets: Secrets): Finding[] {
  const { fleet, lock } = secrets;
  const gone = Object.keys(lock.hosts).filter((host) => !fleet.hosts.has(host));
  return gone.map((host) => ({
    ...{ kind: "gone", secrets: [], must: true, message: `${host} is gone from the fleet, and still in the lock` },
    fix: `meshflake generate${envOf(secrets)}, which notes what ${host} knew`,
  }));
}

/** Somebody encrypted a file by hand. While admins come and go, files differ anyway. */
function recipientFindings(secrets: Secrets, specs: readonly SecretSpec[]): Finding[] {
  if (isGap(adminGapOf(secrets.fleet, secrets.lock))) return [];
  const guard = new FolderGuard(secrets.root);
  return specs.flatMap((spec): Finding[] => {
    const counts = countRecipients(secrets, guard, spec);
    // A file keeps a reader that left until its value is rotated, which is a finding already.
    if (counts === null || secrets.lock.rotate?.[spec.name] !== undefined) return [];
    const { found, wanted } = counts;
    const message = `${spec.name} is encrypted to ${count(found, "recipient")}, and by the lock it has ${wanted}`;
    const fix = `meshflake secrets rekey ${spec.name}${envOf(secrets)}`;
    return [{ kind: "recipients", secrets: [spec.name], message, fix, must: true }];
  });
}

function valueFindings(secrets: Secrets, { name, kind }: SecretSpec): Finding[] {
  const { lock } = secrets;
  const spec = secrets.specs.get(name);
  if (spec === undefined || idOf(lock, spec) !== null) return [];
  const own = kind === "own";
  const fix = own ? `meshflake secrets set ${name}${envOf(secrets)}` : `meshflake generate${envOf(secrets)}`;
  return [{ kind: own ? "unset" : "unmade", secrets: [name], message: `${name} has no value yet`, fix, must: true }];
}

function debtFindings(secrets: Secrets): Finding[] {
  const { lock, specs } = secrets;
  return Object.entries(lock.rotate ?? {}).map(([name, who]): Finding => {
    const knowers = who.map((one) => describeKnower(one, specs.get(name)));
    const message = `${joinNames(knowers)} ${who.length > 1 ? "know" : "knows"} ${name}, and must not any more`;
    const own = specs.get(name)?.kind === "own";
    const fix = own ? `meshflake secrets set ${name}, with a new value` : `meshflake secrets rotate ${name}`;
    return { kind: "rotate", secrets: [name], message, fix: `${fix}${envOf(secrets)}`, must: true };
  });
}

function rotationFindings(secrets: Secrets, spec: SecretSpec): Finding[] {
  const { name } = spec;
  const locked = lockedSecretOf(secrets.lock, spec);
  if (locked?.retiring === undefined) return [];
  const { knownTo = [] } = locked;
  const who = knownTo.length > 0 ? `, and known to ${joinNames(knownTo)}` : "";
  const message = `${name} is in rotation: the old value is still valid${who}`;
  const fix = `once every host has the new one: meshflake secrets rotate ${name} --finish${envOf(secrets)}`;
  return [{ kind: "rotating", secrets: [name], message, fix, must: true }];
}

function adminFindings(secrets: Secrets): Finding[] {
  const { came, left, changed } = adminGapOf(secrets.fleet, secrets.lock);
  const fix = `meshflake secrets rekey${envOf(secrets)}`;
  const about = (message: string): Finding => ({ kind: "admins", secrets: [], message, fix, must: true });
  return [
    ...came.map((name) => {
      const known = secrets.lock.admins?.[name] !== undefined;
      return about(`no file is encrypted to ${known ? `the new key of ${name}` : `the admin ${name}`} yet`);
    }),
    ...left.map((name) => about(`every file is still encrypted to ${name}, who is no admin any more`)),
    ...changed.map((name) => about(`every file is still encrypted to a key that admin ${name} gave up`)),
    ...describeDrift(secrets).map(({ drift: { owners, names }, message }) => ({
      ...about(message),
      secrets: [...secrets.specs.values()]
        .filter((spec) => owners.includes(spec.of) || names.includes(spec.name))
        .map(({ name }) => name),
    })),
  ];
}

function readerFindings(secrets: Secrets, spec: SecretSpec): Finding[] {
  if (isPair(spec.kind)) return [];
  const { name, kind } = spec;
  const { missing, extra: all } = gapOf(secrets.lock, spec);
  const extra = all.filter((host) => secrets.fleet.hosts.has(host));
  const fix = `meshflake secrets rekey ${name}${envOf(secrets)}`;
  const late = kind === "consul-gossip";
  const gets = late
    ? `${joinNames(missing)} ${missing.length === 1 ? "gets" : "get"} ${name} from the servers, having come later`
    : `${name} is not encrypted to ${joinNames(missing)} yet`;
  return [
    ...(missing.length > 0
      ? [{ kind: late ? ("late" as const) : ("unreadable" as const), secrets: [name], message: gets, fix, must: !late }]
      : []),
    ...(extra.length > 0
      ? [
          {
            kind: "readable" as const,
            secrets: [name],
            message: `${name} is still encrypted to ${joinNames(extra)}`,
            fix,
            must: true,
          },
        ]
      : []),
  ];
}
