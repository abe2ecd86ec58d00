/** What is wrong with secrets on disk, in words. */
import type { Fleet } from "../../model/fleet.js";
import { hostLockFile, originsInLock } from "../../model/lock.js";
import type { Problem, ValuePath } from "../../model/problem.js";
import {
  isPair,
  KEY_FIELDS,
  type SecretKind,
  type SecretSpec,
  secretFile,
  secretsFolder,
} from "../../model/secrets.js";
import type { Side } from "./side.js";
import { OTHER, takeSide } from "./whole.js";

type Where = Pick<Fleet, "environment" | "lockFile" | "hosts">;

const NAMES: Readonly<Record<Exclude<SecretKind, "own">, string>> = {
  identity: "age identity",
  ssh: "SSH host key",
  wireguard: "WireGuard key",
  "consul-token": "Consul token",
  "nomad-token": "Nomad token for Consul",
  "consul-gossip": "Consul gossip key",
  "consul-management": "Consul management token",
  "nomad-gossip": "Nomad gossip key",
  "nomad-management": "Nomad management token",
};

/** Where the lock has a secret. */
function lockPath({ scope, of, slug, kind }: SecretSpec): ValuePath {
  if (isPair(kind)) return ["hosts", of, KEY_FIELDS[kind]];
  return [scope === "host" ? "hosts" : "clusters", of, "secrets", slug];
}

/**
 * How to get a file back. A new value takes both steps: `generate` neither replaces a file that the lock does not know, nor does it
 * make what the lock has.
 * @param there whether the file exists
 */
function restoreHint(fleet: Where, spec: SecretSpec, there: boolean): string {
  const file = secretFile(fleet.environment, spec.name);
  if (spec.kind === "own")
    return `restore ${file} from git; or give the value again: meshflake secrets set ${spec.name}`;
  const [origin] = originsInLock(fleet.lockFile, lockPath(spec));
  const entry = origin === undefined ? "" : `remove ${origin.path.join(".")} from ${origin.file}`;
  return `restore the file from git; or, to make a new ${isPair(spec.kind) ? "key" : "one"}, ${there ? `delete the file and ${entry}` : entry}`;
}

export function describeMissing(fleet: Where, spec: SecretSpec): Problem {
  const what = spec.kind === "own" ? `secret ${spec.slug}` : NAMES[spec.kind];
  const half = isPair(spec.kind) ? "the public half of " : "";
  return {
    code: "secret-missing",
    severity: "error",
    origins: originsInLock(fleet.lockFile, lockPath(spec)),
    message: `the lock has ${half}${spec.of}'s ${what}, but ${secretFile(fleet.environment, spec.name)} does not exist`,
    hint: restoreHint(fleet, spec, false),
  };
}

/** @param damage e.g. `is empty` @param side of an unmerged file, the one that belongs to the lock */
export function describeBroken(fleet: Where, spec: SecretSpec, damage: string, side: Side | null): Problem {
  const file = secretFile(fleet.environment, spec.name);
  const env = fleet.environment === null ? "" : ` --env ${fleet.environment}`;
  return {
    code: "secret-broken",
    severity: "error",
    origins: originsInLock(fleet.lockFile, lockPath(spec)),
    message: `${file} ${damage}`,
    hint:
      side !== null
        ? takeSide(file, side, `meshflake secrets rekey ${spec.name}${env}`)
        : restoreHint(fleet, spec, true),
  };
}

/**
 * A file that is whole, and that somebody took from elsewhere than its entry in the lock, as from the other branch of a merge.
 * @param checkout the command that brings the right one back; null where git does not have it
 */
export function describeOther(fleet: Where, spec: SecretSpec, checkout: string | null): Problem {
  const file = secretFile(fleet.environment, spec.name);
  const entry = lockPath(spec);
  const digest = isPair(spec.kind) ? ["hosts", spec.of, "sha256", spec.slug] : [...entry, "sha256"];
  const origins = originsInLock(fleet.lockFile, digest);
  return {
    code: "secret-other",
    severity: "error",
    origins,
    message: `${file} ${OTHER}: its SHA-256 is another one`,
    hint:
      checkout !== null
        ? `take that file: \`${checkout}\``
        : `restore ${file} and ${origins[0]?.file} from git, both of the same commit; or ${newValueHint(fleet, spec)}`,
  };
}

/** How to get a new value without reading the file: keyrings and identities keep what is in it, and have to be made anew. */
function newValueHint({ environment, lockFile }: Where, { name, kind, ...spec }: SecretSpec): string {
  const env = environment === null ? "" : ` --env ${environment}`;
  switch (kind) {
    case "own":
      return `give the value again: meshflake secrets set ${name}${env}`;
    case "identity":
    case "consul-gossip":
    case "nomad-gossip": {
      const [origin] = originsInLock(lockFile, lockPath({ name, kind, ...spec }));
      return `to make a new one, delete the file and remove ${origin?.path.join(".")} from ${origin?.file}`;
    }
    default:
      return `make a new one: meshflake secrets rotate ${name}${env}`;
  }
}

/**
 * Why a file is a stray: of no host or cluster, of an editor or a merge, of no secret, of a secret that nothing declares any more, of one that is
 * declared for no host, of a declared one that the lock does not know, or of one that `generate` would make anew over a value that may be in use.
 */
export type StrayReason =
  | "nobody's"
  | "leftover"
  | "unknown"
  | "undeclared"
  | "for nobody"
  | "unlocked"
  | "irreplaceable";

export function describeStray(fleet: Where, of: string, file: string, reason: StrayReason): Problem {
  const path = `${secretsFolder(fleet.environment)}/${of}/${file}`;
  const name = `${of}/${file.slice(0, file.lastIndexOf(".age"))}`;
  const lockFile = fleet.hosts.has(of) ? hostLockFile(fleet.lockFile, of) : fleet.lockFile;
  const { message, hint } = wordStray({ path, name, lockFile }, reason);
  const severity = reason === "irreplaceable" ? "error" : "warning";
  return { code: "secret-stray", severity, origins: [{ file: path, path: [] }], line: 1, column: 1, message, hint };
}

interface Stray {
  readonly path: string;
  /** The secret's. */
  readonly name: string;
  /** Where the lock's entry of it would be. */
  readonly lockFile: string;
}

function wordStray({ path, name, lockFile }: Stray, reason: StrayReason): { message: string; hint: string } {
  switch (reason) {
    case "nobody's":
      return { message: "it belongs to no host and no cluster", hint: `delete it: git rm ${path}` };
    case "leftover":
      return { message: "it is no secret's file", hint: "delete it, if an editor or a merge left it behind" };
    case "unknown":
      return {
        message: `nothing declares a secret ${name}`,
        hint: "delete the file if a merge left it behind; otherwise declare the secret, and give its value with `meshflake secrets set`",
      };
    case "undeclared":
      return {
        message: `nothing declares the secret ${name} any more`,
        hint: `declare it again; or delete the file, and generate removes it from ${lockFile}`,
      };
    case "for nobody":
      return {
        message: `the secret ${name} is declared for no host`,
        hint: "name hosts in its `hosts`, or leave that out for all; or delete the file",
      };
    case "unlocked":
      return {
        message: "the lock has no entry of it, and no host gets it",
        hint: `restore the entry in ${lockFile} from git; or give the value again: meshflake secrets set ${name}`,
      };
    case "irreplaceable":
      return {
        message: "the lock has no entry of it, and generate would replace a value that may be in use",
        hint: `restore the entry in ${lockFile} from git; to make a new value, delete the file`,
      };
  }
}
