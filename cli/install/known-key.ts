import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { UserError } from "../../generators/model/problem.js";
import type { CommandOptions, Context } from "../context.js";
import { confirm } from "../terminal/ask.js";
import { type HostKey, parseGivenKey, parseKeyLines } from "./host-key.js";

/** Where the machine is that runs something else now. */
export interface Machine {
  readonly address: string;
  readonly port: number;
  readonly user: string;
}

function runForOutput(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, args, { encoding: "utf8" }, (_error, stdout) => resolve(stdout));
  });
}

/** The keys that whoever answers at the address shows; nothing is proven by that. */
async function scan({ address, port }: Machine): Promise<readonly HostKey[]> {
  const args = ["-T", "10", "-t", "ed25519,rsa", "-p", String(port), "--", address];
  const keys = parseKeyLines(await runForOutput("ssh-keyscan", args));
  if (keys.length > 0) return keys;
  throw new UserError(
    `no SSH server with an ed25519 or RSA key answers at ${address}, port ${port}`,
    "is the machine up? Look at --at and --port, and at the provider's firewall",
    1,
  );
}

/** Names in the file may be hashed: ssh-keygen knows how to look. */
async function readKnown(file: string, { address, port }: Machine): Promise<readonly HostKey[]> {
  if (!existsSync(file)) throw new UserError(`${file} does not exist`, "look at --known-hosts", 1);
  const name = port === 22 ? address : `[${address}]:${port}`;
  const keys = parseKeyLines(await runForOutput("ssh-keygen", ["-F", name, "-f", file]));
  if (keys.length > 0) return keys;
  throw new UserError(`${file} has no ed25519 or RSA key of ${name}`, "give another file, or --host-key", 1);
}

/** ed25519 before RSA, as ssh prefers. */
async function askFor(shown: readonly HostKey[], { address }: Machine): Promise<readonly HostKey[]> {
  const [key] = [...shown].sort((a, b) => (a.kind < b.kind ? -1 : 1));
  if (key === undefined) throw new RangeError("no key to ask for");
  const question = [
    `The machine at ${address} shows this SSH host key:`,
    `  ${key.kind} ${key.fingerprint}`,
    "Compare it with the provider's console (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub).",
    "Is it the same?",
  ].join("\n");
  const otherwise = "give --host-key 'ssh-ed25519 AAAA…', from the machine's /etc/ssh/ssh_host_ed25519_key.pub";
  if (await confirm(question, otherwise)) return [key];
  throw new UserError("the host key was not confirmed, and nothing was done", otherwise, 1);
}

/**
 * The keys that the machine may show, known before anything is sent to it.
 * @throws UserError where none is known, nobody answers, or the machine shows another one
 */
export async function findHostKeys(
  { cwd }: Context,
  machine: Machine,
  { hostKey, knownHosts }: CommandOptions,
): Promise<readonly HostKey[]> {
  const given = [
    ...(typeof hostKey === "string" ? [parseGivenKey(hostKey)] : []),
    ...(typeof knownHosts === "string" ? await readKnown(resolve(cwd, knownHosts), machine) : []),
  ];
  const shown = await scan(machine);
  if (given.length === 0) return askFor(shown, machine);
  if (given.some(({ text }) => shown.some((key) => key.text === text))) return given;
  const what = shown.map(({ kind, fingerprint }) => `${kind} ${fingerprint}`).join(" and ");
  throw new UserError(
    `the machine at ${machine.address} shows another host key than the given one: ${what}`,
    "it is another machine, it was installed anew, or somebody is in between: find out which",
    1,
  );
}
