import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../../generators/machine/programs.js";
import type { Fleet, Host } from "../../../generators/model/fleet.js";
import { UserError } from "../../../generators/model/problem.js";
import { systemName } from "../../../generators/render/paths.js";
import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { placeIdentity } from "../../identity/files.js";
import { readIdentity } from "../../identity/read.js";
import { hostImage } from "../../image/names.js";
import { requireBuildable } from "../../image/tracked.js";
import type { HostKey } from "../../install/host-key.js";
import { findHostKeys, type Machine } from "../../install/known-key.js";
import { checkExtra, findNixosAnywhere, installCommand } from "../../install/nixos-anywhere.js";
import { aliasOf, withStrictSsh } from "../../install/strict-ssh.js";
import { requireHost } from "../../machines/hosts.js";
import { requirePrograms } from "../../machines/programs.js";
import { withPrivateFolder } from "../../private-folder/private-folder.js";
import { runForeground } from "../../process/foreground.js";
import { openSecrets, type Secrets } from "../../secrets/session.js";
import { parsePort } from "../../ssh/port.js";
import { quoteLine } from "../../ssh/shell-words.js";
import { confirm } from "../../terminal/ask.js";

const OPENSSH = "install OpenSSH's client (Debian: openssh-client; NixOS: openssh), or look at PATH";
const PROGRAMS = { ssh: OPENSSH, "ssh-keyscan": OPENSSH, "ssh-keygen": OPENSSH, "ssh-copy-id": OPENSSH };

/** Everything that an installation needs to know. */
interface Job {
  readonly host: Host;
  readonly system: string;
  readonly machine: Machine;
  readonly keys: readonly HostKey[];
  readonly program: readonly string[];
  readonly extra: readonly string[];
}

/** Machines that nixos-anywhere can install. */
function checkHost({ name, platform, disks, file }: Host): void {
  if (platform === "proxmoxLxc") {
    throw new UserError(
      `${name} is a container: it has no disks of its own to install on`,
      `meshflake image ${name} builds its template`,
    );
  }
  if (platform === "raspberryPi" && disks === null) {
    throw new UserError(
      `${name} is a Raspberry Pi, which starts from its card`,
      `meshflake flash ${name} DEVICE writes it`,
    );
  }
  if (disks === null) {
    throw new UserError(
      `${name} has no disk layout`,
      `give it one in ${file}: disks: { layout: "ext4", device: "/dev/sda" }`,
    );
  }
}

function readMachine({ name, address, file }: Host, { at, user, port }: CommandOptions): Machine {
  const known = typeof at === "string" ? at : (address.public4 ?? address.public6);
  if (known === undefined) {
    throw new UserError(`no address of ${name} is known`, `give --at ADDRESS, or \`address\` in ${file}`);
  }
  return { address: known, user: String(user), port: parsePort(String(port)) };
}

function requireSshKey({ lock, fleet }: Secrets, host: string): void {
  if (lock.hosts[host]?.ssh !== undefined) return;
  const run = fleet.environment === null ? "meshflake generate" : `meshflake generate --env ${fleet.environment}`;
  throw new UserError(`${host} has no SSH host key yet`, `${run} makes it, and it goes into the system`, 1);
}

function describeDisks({ disks }: Host): string {
  return disks === null || typeof disks === "string" ? "its disks" : disks.device;
}

async function ask({ host, machine, keys }: Job): Promise<void> {
  const shown = keys.map(({ fingerprint }) => fingerprint).join(", ");
  const question = `${machine.address} (${shown}): erase ${describeDisks(host)} there, and install ${host.name}?`;
  if (await confirm(question, "give --yes, if it is the right machine")) return;
  throw new UserError("nothing was done", undefined, 1);
}

function commandOf(job: Job, files: string, sshOption: string): string[] {
  const { host, system, machine, program, extra } = job;
  const { user, port } = machine;
  return installCommand(program, { system, alias: aliasOf(host.name), user, port, files, sshOption, extra });
}

/** @throws UserError where nixos-anywhere fails */
async function install(context: Context, job: Job, identity: string): Promise<void> {
  const { host, machine, keys } = job;
  const ssh = findProgram("ssh") ?? "ssh";
  await withPrivateFolder(context.progress, "install", async (folder) => {
    const files = join(folder, "files");
    mkdirSync(files, { mode: 0o700 });
    await placeIdentity(files, identity);
    const target = { alias: aliasOf(host.name), address: machine.address, keys, ssh };
    await withStrictSsh(folder, target, async ({ bin, option }) => {
      const [program = "", ...args] = commandOf(job, files, option);
      const env = { ...process.env, PATH: `${bin}:${process.env.PATH ?? ""}` };
      const status = await runForeground(program, args, {
        cwd: context.root(),
        env,
        stdout: "stderr",
        install: "install it",
      });
      if (status === 0) return;
      const hint = "what it says is above; run it again: what is done already is done again";
      throw new UserError(`nixos-anywhere failed with exit code ${status}`, hint, 1);
    });
  });
}

export async function run(
  context: Context,
  [name, ...extra]: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  checkExtra(extra);
  const secrets: Secrets = await openSecrets(context);
  const fleet: Fleet = secrets.fleet;
  const host = requireHost(fleet.hosts, name);
  checkHost(host);
  requireSshKey(secrets, host.name);
  const machine = readMachine(host, options);
  requirePrograms(PROGRAMS);
  await requireBuildable(context.root(), secrets.target, hostImage(fleet, host));
  const program = findNixosAnywhere();
  const identity = await readIdentity(context, secrets, host.name, options);
  const keys = await findHostKeys(context, machine, options);
  const job: Job = { host, system: systemName(fleet, host.name), machine, keys, program, extra };
  const dry = options.dryRun === true;
  if (!dry) {
    if (options.yes !== true) await ask(job);
    context.progress.note(`installing ${host.name} at ${machine.address}`);
    await install(context, job, identity);
  }
  const command = commandOf(job, "FILES", "KnownHostsCommand=REFUSE");
  const data = () => ({ host: host.name, ...machine, hostKeys: keys, installed: !dry, run: command });
  return { exitCode: 0, text: () => describe(job, command, dry), data, problems: secrets.problems };
}

function describe({ host, machine, keys }: Job, command: readonly string[], dry: boolean): string {
  if (!dry) return `${host.name} is installed, and starts: meshflake ssh ${host.name}`;
  return [
    `${machine.address} would lose ${describeDisks(host)}, and become ${host.name}. It has to show ${keys.map(({ kind, fingerprint }) => `${kind} ${fingerprint}`).join(" or ")}.`,
    quoteLine(command),
    "FILES is a private folder with the identity; REFUSE stops every ssh that does not check the host key.",
  ].join("\n");
}
