/**
 * What `generate` has to do about secrets, decided from the fleet and the lock alone, so that no value is made twice; and the
 * values, made and encrypted in memory.
 */
import type { Fleet } from "../../model/fleet.js";
import type { Lock } from "../../model/lock.js";
import { adminsOf } from "../../model/made-for.js";
import type { SecretSpec } from "../../model/secrets.js";
import { withDigests } from "../digest.js";
import { idOf, withSecrets } from "../lock-entries.js";
import type { ParsedRecipients } from "../readers.js";
import { withWritten } from "../record.js";
import { type SealedFile, sealSecret } from "../sealed.js";
import { type MadeKind, makeValue } from "../values.js";
import { dropDebts, settleDepartures } from "./departures.js";

/** A secret whose value meshflake makes. */
export interface MadeSpec extends SecretSpec {
  readonly kind: MadeKind;
}

export interface SecretWork {
  /** The plan's lock after what is gone, without what is missing; the plan's own where nothing is gone. */
  readonly lock: Lock;
  /** Secrets to make; sorted by name. */
  readonly missing: readonly MadeSpec[];
  /** Secrets whose files go, by name; sorted. */
  readonly removed: readonly string[];
}

/** New secrets: the lock that has them, and their files. */
export interface MadeSecrets {
  readonly lock: Lock;
  readonly files: readonly SealedFile[];
}

/**
 * Finds what is to be made, and what is gone.
 * @param specs the plan's
 * @param before the lock on disk
 * @param planned the plan's lock, which has a block for every host
 * @param lost own secrets that nothing declares any more, and that have no file either
 */
export function planSecretWork(
  fleet: Fleet,
  specs: ReadonlyMap<string, SecretSpec>,
  before: Lock,
  planned: Lock,
  lost: ReadonlySet<string> = new Set(),
): SecretWork {
  const { lock: settled, removed } = settleDepartures(fleet, specs, before, planned, lost);
  const missing = [...specs.values()].filter(
    (spec): spec is MadeSpec => spec.kind !== "own" && idOf(settled, spec) === null,
  );
  const lock = recordAdmins(fleet, dropDebts(settled, specs, new Set(missing.map(({ name }) => name))));
  return { lock, missing: missing.sort((a, b) => (a.name < b.name ? -1 : 1)), removed };
}

/** A lock from before it named them: its files were encrypted to the admins that the fleet had. */
function recordAdmins(fleet: Fleet, lock: Lock): Lock {
  const admins = adminsOf(fleet);
  const known = lock.admins !== undefined || fleet.hosts.size === 0 || Object.keys(admins).length === 0;
  return known ? lock : { ...lock, admins };
}

/**
 * Makes the missing secrets, in memory.
 * @throws UserError where the admins have no recipient that works
 */
export async function makeSecrets(fleet: Fleet, { lock, missing }: SecretWork): Promise<MadeSecrets> {
  if (missing.length === 0) return { lock, files: [] };
  const values = missing.map((spec) => ({ spec, ...makeValue(spec.kind) }));
  const entries = values.map(({ spec, id }) => ({ spec, entry: { id, readers: spec.readers } }));
  const made = withWritten(fleet, lock, withSecrets(lock, entries), missing);
  const parsed: ParsedRecipients = new Map();
  const files: SealedFile[] = [];
  for (const { spec, text } of values) files.push(await sealSecret(fleet, made, spec, text, parsed));
  return { lock: withDigests(made, files), files };
}
