import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { UserError } from "../../generators/model/problem.js";
import { type Decryptor, type IdentityText, openDecryptor } from "../../generators/secrets/decrypt/decrypt.js";
import { parseIdentityFile } from "../../generators/secrets/decrypt/identity-file.js";
import type { CommandOptions, Context } from "../context.js";

/** Which identities a command decrypts with. */

const VARIABLE = "MESHFLAKE_IDENTITY";
/** Tried where neither the option nor the variable is there. */
const USUAL = [".config/meshflake/identity.txt", ".config/age/keys.txt", ".ssh/id_ed25519", ".ssh/id_rsa"];
const READABLE_BY_OTHERS = 0o044;

/**
 * Opens the identities that were given, or the usual ones.
 * @throws UserError where there is none, or a given one cannot be used
 */
export async function openIdentities(context: Context, options: CommandOptions): Promise<Decryptor> {
  const given = findGiven(context.cwd, options);
  const files = given === null ? findUsual() : given.map(readIdentity);
  if (files.length === 0) {
    throw new UserError(
      "decrypting needs an admin's identity, and none is in its usual place",
      `give it with --identity FILE, or ${VARIABLE}=FILE; looked for ${USUAL.map((file) => `~/${file}`).join(", ")}`,
      1,
    );
  }
  for (const { file } of files) warnOfOthers(context, file);
  return openDecryptor(files, (line) => context.progress.note(line));
}

function findGiven(cwd: string, { identity }: CommandOptions): readonly string[] | null {
  if (Array.isArray(identity)) return identity.map((file: string) => resolve(cwd, file));
  const variable = process.env[VARIABLE];
  return variable === undefined || variable === "" ? null : [resolve(cwd, variable)];
}

function readIdentity(file: string): IdentityText {
  if (!existsSync(file)) throw new UserError(`there is no identity ${file}`, "look at --identity, or its variable", 1);
  return { file, text: readFileSync(file, "latin1") };
}

/** What lies in the usual places may be for other things: only what decrypts is taken. */
function findUsual(): IdentityText[] {
  return USUAL.map((file) => join(homedir(), file)).flatMap((file) => {
    try {
      const text = readFileSync(file, "latin1");
      parseIdentityFile(file, text);
      return [{ file, text }];
    } catch {
      return [];
    }
  });
}

function warnOfOthers({ progress }: Context, file: string): void {
  if ((statSync(file).mode & READABLE_BY_OTHERS) === 0) return;
  progress.note(`warning: others can read ${file}: chmod 600 ${file}`);
}
