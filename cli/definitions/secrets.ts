import type { Command } from "commander";
import { type CommandDefinition, type CommandGroup, collect } from "./types.js";

/** For commands that decrypt. */
export function withIdentity(command: Command): Command {
  return command.option(
    "-i, --identity <file>",
    "an admin's age identity or SSH key; may be repeated (default: $MESHFLAKE_IDENTITY, or the usual files)",
    collect,
  );
}

const READ: readonly CommandDefinition[] = [
  {
    usage: "list [of]",
    summary: "what secrets there are, for whom, and since when",
    description:
      "Lists every secret: who can read it, since when its file is as it is, and what is left to do about it. With the name of a host or a cluster, its own. Needs no key.",
    example: "meshflake secrets list cosmo",
    load: () => import("../commands/secrets/list.js"),
  },
  {
    usage: "show <secret>",
    summary: "print a secret in the clear",
    description:
      "Decrypts a secret with an admin's key and prints it as it is, to a terminal too. The name's last part is enough where no other secret has it.",
    example: "meshflake secrets show cats/consul-management",
    options: withIdentity,
    load: () => import("../commands/secrets/show.js"),
  },
  {
    usage: "audit [host]",
    summary: "what must be done about secrets; or what a lost host could read",
    description:
      "Says what is wrong with the secrets: values that somebody knows who must not, rotations that are not finished, files for somebody who left or not yet for somebody who came, files that are missing or broken. With a host's name: what it can read, and what to rotate if it is lost. Needs no key.",
    example: "meshflake secrets audit pi4",
    load: () => import("../commands/secrets/audit.js"),
  },
];

const WRITE: readonly CommandDefinition[] = [
  {
    usage: "set <secret>",
    summary: "give a secret of your own its value, from stdin",
    description:
      "Encrypts what comes from stdin to those who are to read the secret. Needs no key. Secrets that meshflake makes are set only with --force, and only in their form.",
    example: "meshflake secrets set cosmo/photos-password < password.txt",
    options: (command) => command.option("--force", "also a secret that meshflake makes"),
    load: () => import("../commands/secrets/set.js"),
  },
  {
    usage: "edit <secret>",
    summary: "edit a secret in $VISUAL or $EDITOR",
    description:
      "Decrypts a secret of your own into a private file in memory, starts the editor, and encrypts what it left. Where nothing changed, or the editor fails, nothing is written.",
    example: "meshflake secrets edit cosmo/photos-password",
    options: (command) => withIdentity(command).option("--force", "also a secret that meshflake makes"),
    load: () => import("../commands/secrets/edit.js"),
  },
  {
    usage: "rekey [secret...]",
    summary: "encrypt files anew, after an admin or a host came or went",
    description:
      "Encrypts every file anew whose readers or admins are not those that the fleet wants, or only the named ones. Values stay the same. Needs an admin's key.",
    example: "meshflake secrets rekey",
    options: (command) =>
      withIdentity(command).option("--all", "also files that are as they should be, e.g. after a doubt about one"),
    load: () => import("../commands/secrets/rekey.js"),
  },
  {
    usage: "rotate [secret...]",
    summary: "give secrets new values, in two steps where daemons share one",
    description:
      "Makes new values, and says what to run next. What running daemons share changes in two steps: the new value beside the old one, deploy, then --finish drops the old one. An admin's key is needed for gossip keys and identities.",
    example: "meshflake secrets rotate --host pi4",
    options: (command) =>
      withIdentity(command)
        .option("--host <host>", "all that this host knows; it may be gone already")
        .option("--all", "every secret that meshflake makes")
        .option("--finish", "drop the old values, once every host has the new ones")
        .option("--force", "finish also where git's HEAD does not have the first step"),
    load: () => import("../commands/secrets/rotate.js"),
  },
];

/** `meshflake secrets …` */
export const SECRETS_COMMAND: CommandGroup = {
  usage: "secrets",
  summary: "list, show, set, edit, rekey, rotate and audit secrets",
  description: "Works on the encrypted files in secrets/, and on what the lock says about them.",
  example: "meshflake secrets list",
  commands: [...READ, ...WRITE],
};
