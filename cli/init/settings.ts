import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { basename, join, resolve } from "node:path";
import { UserError } from "../../generators/model/problem.js";
import { parseRecipient } from "../../generators/secrets/age/recipients.js";
import { isDnsName, labelFault } from "../../generators/validate/rules/fleet/names.js";
import { accountFault, accountHint } from "../../generators/validate/rules/fleet/people.js";
import type { CommandOptions, Context } from "../context.js";

/** What a new repository is made from: options, and what the person's account tells. */
export interface InitSettings {
  /** The folder, absolute. */
  readonly root: string;
  readonly name: string;
  readonly domain: string;
  readonly admin: string;
  /** An OpenSSH public key, one line. */
  readonly sshKey: string;
  /** An age recipient. */
  readonly age: string;
}

const PUBLIC_KEY = /^(?:ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/]+=*(?: .*)?$/;
const NO_KEY_HINT = "make one with ssh-keygen -t ed25519, or name a file with --ssh-key";

/** The first public key of a file, or null. */
function readPublicKey(file: string): string | null {
  const lines = readFileSync(file, "utf8").split(/\r?\n/);
  return lines.map((line) => line.trim()).find((line) => PUBLIC_KEY.test(line)) ?? null;
}

/** Ed25519 first, as ssh itself would. */
function findPublicKey(): string {
  const folder = join(homedir(), ".ssh");
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".pub")) : [];
  const keys = names.sort().flatMap((name) => readPublicKey(join(folder, name)) ?? []);
  const key = keys.find((candidate) => candidate.startsWith("ssh-ed25519 ")) ?? keys[0];
  if (key === undefined) throw new UserError("no OpenSSH public key in ~/.ssh", NO_KEY_HINT);
  return key;
}

function readGivenKey(file: string): string {
  if (!existsSync(file)) throw new UserError(`${file} does not exist`, NO_KEY_HINT);
  const key = readPublicKey(file);
  if (key === null) throw new UserError(`${file} holds no OpenSSH public key`, "it ends in .pub");
  return key;
}

/** An account name out of a login name, which may hold more than Linux accounts do. */
function toAccountName(login: string): string {
  const name = login
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, "")
    .replace(/^[^a-z_]+/, "");
  return accountFault(name) === null ? name : "admin";
}

function readName(root: string, given: unknown): string {
  const name = typeof given === "string" ? given : basename(root).toLowerCase();
  const fault = labelFault(name);
  if (fault !== null)
    throw new UserError(`the fleet's name ${fault}`, "choose one with --name: lower-case letters, digits and hyphens");
  return name;
}

function readDomain(name: string, given: unknown): string {
  const domain = typeof given === "string" ? given : `${name}.example.org`;
  if (!isDnsName(domain))
    throw new UserError(`\`${domain}\` is no domain`, "lower-case letters, such as cats.example.org");
  return domain;
}

function readAdmin(given: unknown): string {
  if (typeof given !== "string") return toAccountName(userInfo().username);
  const fault = accountFault(given);
  if (fault !== null) throw new UserError(`--admin: ${fault}`, accountHint(given));
  return given;
}

/** Whoever cannot decrypt must not be the only one who could. */
async function readAge(given: unknown, sshKey: string): Promise<string> {
  const recipient = typeof given === "string" ? given : sshKey;
  await parseRecipient(recipient, typeof given === "string" ? "--age" : "the SSH key");
  return recipient;
}

/** @throws UserError where an option makes no sense, or there is no SSH key */
export async function readSettings(context: Context, dir: string, options: CommandOptions): Promise<InitSettings> {
  const root = resolve(context.cwd, dir);
  const name = readName(root, options.name);
  const sshKey =
    typeof options.sshKey === "string" ? readGivenKey(resolve(context.cwd, options.sshKey)) : findPublicKey();
  return {
    root,
    name,
    domain: readDomain(name, options.domain),
    admin: readAdmin(options.admin),
    sshKey,
    age: await readAge(options.age, sshKey),
  };
}
