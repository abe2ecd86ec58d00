import type { LockedSecret, MadeFor } from "../../../model/lock.js";
import type { Finding, RuleContext } from "../../rule.js";
import { atLock, quote } from "../support.js";
import { recipientFault, sshKeyFault } from "./keys.js";
import { labelFault } from "./names.js";

/** What the lock says of secrets, for the rules about its values. */

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const HEX = /^[0-9a-f]{32}$/;
const RESTORE = "restore the line from git; generate never changes it";

/** A secret of the lock, with the keys that lead to it. */
export interface LockedPlace {
  readonly path: readonly string[];
  readonly slug: string;
  readonly secret: LockedSecret;
}

/** Every secret of the lock that is no key pair. */
export function* eachLocked({ inputs: { lock } }: RuleContext): Iterable<LockedPlace> {
  for (const [kind, blocks] of Object.entries({ hosts: lock.hosts, clusters: lock.clusters ?? {} })) {
    for (const [name, { secrets = {} }] of Object.entries(blocks)) {
      for (const [slug, secret] of Object.entries(secrets)) yield { path: [kind, name, "secrets", slug], slug, secret };
    }
  }
}

/** Consul and Nomad know a token by a UUID; everything else has 32 hex digits. */
function idFault(slug: string, id: string): string | null {
  if (/^(?:consul|nomad)-(?:token|management)$/.test(slug)) return UUID.test(id) ? null : "is no UUID";
  return HEX.test(id) || UUID.test(id) ? null : "is neither 32 hex digits nor a UUID";
}

function* checkLists(context: RuleContext, { path, slug, secret }: LockedPlace): Iterable<Finding> {
  const { readers, retiring = [] } = secret;
  for (const [index, id] of retiring.entries()) {
    const fault = idFault(slug, id);
    if (fault === null) continue;
    yield { at: atLock(context, ...path, "retiring", index), message: `${quote(id)} ${fault}`, hint: RESTORE };
  }
  for (const [index, name] of readers.entries()) {
    const at = atLock(context, ...path, "readers", index);
    const before = readers[index - 1];
    if (labelFault(name) !== null) {
      yield { at, message: `${quote(name)} cannot be the name of a host`, hint: RESTORE };
    } else if (before !== undefined && before >= name) {
      const message = before === name ? `${name} is listed twice` : `${name} belongs before ${before}`;
      yield { at, message, hint: "sort the list, with every name once, as generate writes it" };
    }
  }
}

function hostKeyFault(key: string): string | null {
  return sshKeyFault(key) ?? (/^ssh-ed25519 \S+$/.test(key) ? null : "is no ssh-ed25519 key alone");
}

/** Fingerprints of admins' recipients. */
function* checkPrints(context: RuleContext): Iterable<Finding> {
  const { hosts, clusters = {} } = context.inputs.lock;
  for (const [kind, blocks] of Object.entries({ hosts, clusters })) {
    for (const [of, { admins, apart = {} }] of Object.entries<MadeFor>(blocks)) {
      const own = Object.entries(apart).map(([slug, prints]) => [["apart", slug], prints] as const);
      for (const [path, prints] of [[["admins"], admins ?? {}] as const, ...own]) {
        for (const [name, text] of Object.entries(prints)) {
          if (/^[0-9a-f]{16}(?: [0-9a-f]{16})*$/.test(text)) continue;
          const message = `${quote(text)} is no fingerprint of 16 hex digits`;
          yield { at: atLock(context, kind, of, ...path, name), message, hint: RESTORE };
        }
      }
    }
  }
}

/** Ids, readers, host keys, admins' recipients and their fingerprints, and revoked tokens. */
export function* checkSecretValues(context: RuleContext): Iterable<Finding> {
  const { hosts, admins = {}, revoked = [] } = context.inputs.lock;
  for (const [name, { ssh, sshRotation }] of Object.entries(hosts)) {
    const old = sshRotation?.retiring ?? [];
    const keys = old.map((key, index) => [key, ["sshRotation", "retiring", index]] as const);
    for (const [key, path] of [...(ssh === undefined ? [] : [[ssh, ["ssh"]] as const]), ...keys]) {
      const fault = hostKeyFault(key);
      if (fault === null) continue;
      yield { at: atLock(context, "hosts", name, ...path), message: `${quote(key)} ${fault}`, hint: RESTORE };
    }
  }
  for (const place of eachLocked(context)) {
    const { path, slug, secret } = place;
    const fault = idFault(slug, secret.id);
    if (fault !== null)
      yield { at: atLock(context, ...path, "id"), message: `${quote(secret.id)} ${fault}`, hint: RESTORE };
    yield* checkLists(context, place);
  }
  yield* checkPrints(context);
  for (const [name, recipients] of Object.entries(admins)) {
    for (const [index, text] of recipients.entries()) {
      const fault = recipientFault(text);
      if (fault === null) continue;
      yield { at: atLock(context, "admins", name, index), message: `${quote(text)} ${fault}`, hint: RESTORE };
    }
  }
  for (const [index, id] of revoked.entries()) {
    if (UUID.test(id)) continue;
    yield { at: atLock(context, "revoked", index), message: `${quote(id)} is no UUID`, hint: RESTORE };
  }
}

/** An id that two secrets have: two tokens with one accessor, of which Consul keeps one. */
export function* checkIdsTwice(context: RuleContext): Iterable<Finding> {
  const owners = new Map<string, string>();
  for (const { path, secret } of eachLocked(context)) {
    const name = `${path[1]}/${path[3]}`;
    const owner = owners.get(secret.id);
    if (owner === undefined) {
      owners.set(secret.id, name);
      continue;
    }
    const hint = `remove the block of ${path.at(-1)} there, and generate makes a new value; ${owner} keeps its own. A secret of your own has to be set again`;
    yield { at: atLock(context, ...path, "id"), message: `this id is that of ${owner} too`, hint };
  }
}
