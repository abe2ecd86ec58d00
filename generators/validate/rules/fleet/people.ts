import type { Origin, ValuePath } from "../../../model/problem.js";
import type { Finding, Rule, RuleContext } from "../../rule.js";
import { eachHost, isComplete, quote } from "../support.js";
import { isWireguardKey, recipientFault, sshKeyFault } from "./keys.js";

/** People, their accounts and their keys. */

function toList(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}

function* checkAdmins({ inputs }: RuleContext): Iterable<Finding> {
  const admins = Object.entries(inputs.fleet.value.admins);
  if (admins.length === 0) {
    const hint = 'add yourself: { you: { sshKeys: ["ssh-ed25519 …"], age: "age1…" } }; age-keygen makes a key';
    yield {
      at: inputs.fleetOriginsOf(["admins"]),
      message: "the fleet has no admin: nobody could log in or decrypt",
      hint,
    };
  }
  for (const [name, { age, sshKeys }] of admins) {
    if (toList(age).length === 0) {
      const message = `${name} has no age recipient, and could decrypt nothing`;
      yield { at: inputs.fleetOriginsOf(["admins", name, "age"]), message, hint: "add one; age-keygen makes it" };
    }
    if (sshKeys.length > 0) continue;
    const message = `${name} has no SSH key, and could not log in anywhere`;
    yield { at: inputs.fleetOriginsOf(["admins", name, "sshKeys"]), message, hint: "add one; ssh-keygen makes it" };
  }
}

export const admins: Rule = {
  code: "admins",
  severity: "error",
  title: "The fleet has an admin who can log in and decrypt",
  why: "Hosts accept SSH keys only, and secrets are encrypted to their host and to the admins. Without an admin's recipient a host that burns takes its secrets along; without a key nobody gets in.",
  needs: "fleet",
  check: checkAdmins,
};

const ACCOUNT = /^[a-z_][a-z0-9_-]{0,30}$/;
/** Accounts that NixOS and the daemons of every host make. */
const SYSTEM_ACCOUNTS = new Set(["root", "nobody", "consul", "nomad", "unbound", "bird", "sshd", "messagebus"]);

const ACCOUNT_HINT = "start with a lower-case letter; then letters, digits, hyphens and underscores, at most 31";

/** Why a name cannot be an account's, or null. */
export function accountFault(name: string): string | null {
  if (SYSTEM_ACCOUNTS.has(name)) return `${name} is an account of the system`;
  return ACCOUNT.test(name) ? null : `${quote(name)} cannot be the name of an account`;
}

export function accountHint(name: string | undefined): string {
  return name !== undefined && SYSTEM_ACCOUNTS.has(name) ? "choose another name" : ACCOUNT_HINT;
}

function* checkAccounts(context: RuleContext): Iterable<Finding> {
  const { inputs } = context;
  const { admins: people, deploy } = inputs.fleet.value;
  for (const name of Object.keys(people)) {
    const message = accountFault(name);
    if (message !== null) yield { at: inputs.fleetOriginsOf(["admins", name]), message, hint: accountHint(name) };
  }
  const user = deploy?.user;
  const fault = user === undefined || user === "root" ? null : accountFault(user);
  if (fault !== null) yield { at: inputs.fleetOriginsOf(["deploy", "user"]), message: fault, hint: accountHint(user) };
  for (const [host, { users = {} }] of eachHost(context)) {
    for (const name of Object.keys(users)) {
      const clash = name in people ? `${name} is an admin, with an account on every host already` : null;
      const message = accountFault(name) ?? clash;
      if (message === null) continue;
      const hint = clash === message ? `remove it, or add the key to admins.${name}` : accountHint(name);
      yield { at: inputs.originsOf(host, ["users", name]), message, hint };
    }
  }
}

export const accountName: Rule = {
  code: "account-name",
  severity: "error",
  title: "An account's name is one that Linux allows, and is not taken",
  why: "Names with other characters break tools that read `/etc/passwd`, and Linux keeps 31 characters. An account of the system, or an admin's, would get keys that were meant for somebody else.",
  needs: "fleet",
  check: checkAccounts,
};

/** Every OpenSSH public key of the inputs. */
function* eachSshKey(context: RuleContext): Iterable<{ text: string; at: () => readonly Origin[] }> {
  const { inputs } = context;
  for (const [name, { sshKeys }] of Object.entries(inputs.fleet.value.admins)) {
    for (const [index, text] of sshKeys.entries()) {
      yield { text, at: () => inputs.fleetOriginsOf(["admins", name, "sshKeys", index]) };
    }
  }
  for (const [host, { sshKeys = [], users = {} }] of eachHost(context)) {
    const lists: [ValuePath, readonly string[]][] = [[["sshKeys"], sshKeys]];
    for (const [name, user] of Object.entries(users)) lists.push([["users", name, "sshKeys"], user.sshKeys ?? []]);
    for (const [path, list] of lists) {
      for (const [index, text] of list.entries()) yield { text, at: () => inputs.originsOf(host, [...path, index]) };
    }
  }
}

function* checkSshKeys(context: RuleContext): Iterable<Finding> {
  // Many hosts have the same few keys.
  const faults = new Map<string, string | null>();
  for (const { text, at } of eachSshKey(context)) {
    if (!faults.has(text)) faults.set(text, sshKeyFault(text));
    const fault = faults.get(text) ?? null;
    if (fault === null) continue;
    const leaked = fault.startsWith("is a private key");
    const hint = leaked
      ? "make a new key pair, and remove the old key wherever it is accepted"
      : "copy the whole line of the file that ends in .pub";
    yield { at: at(), message: `${leaked ? "this" : quote(shorten(text))} ${fault}`, hint };
  }
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

export const sshKey: Rule = {
  code: "ssh-key",
  severity: "error",
  title: "An SSH key is a whole OpenSSH public key",
  why: "OpenSSH passes over a line that it cannot read. With passwords off, a key that lost its last letters when it was copied locks its owner out after the next rollout.",
  needs: "fleet",
  check: checkSshKeys,
};

function* checkRecipients({ inputs }: RuleContext): Iterable<Finding> {
  for (const [name, { age }] of Object.entries(inputs.fleet.value.admins)) {
    for (const [index, text] of toList(age).entries()) {
      const fault = recipientFault(text);
      if (fault === null) continue;
      const path = typeof age === "string" ? ["admins", name, "age"] : ["admins", name, "age", index];
      const leaked = fault.startsWith("is a secret key");
      const hint = leaked
        ? "make a new one with age-keygen, and write its public key here"
        : "write what age-keygen calls the public key, a plugin's recipient, or an ssh-ed25519 or ssh-rsa public key";
      yield { at: inputs.fleetOriginsOf(path), message: `${leaked ? "this" : quote(shorten(text))} ${fault}`, hint };
    }
  }
}

export const ageRecipient: Rule = {
  code: "age-recipient",
  severity: "error",
  title: "An age recipient is a whole public key",
  why: "Secrets are encrypted to it. A recipient has a checksum, so that a wrong letter is found here, and not on the day when the secret is needed.",
  needs: "fleet",
  check: checkRecipients,
};

function* checkDevices({ inputs }: RuleContext): Iterable<Finding> {
  const owners = new Map<string, string>();
  for (const [name, { wireguard }] of Object.entries(inputs.lock.hosts)) {
    if (wireguard !== undefined) owners.set(wireguard, `the host ${name}`);
  }
  for (const [name, { publicKey }] of Object.entries(inputs.fleet.value.devices ?? {})) {
    const at = () => inputs.fleetOriginsOf(["devices", name, "publicKey"]);
    const owner = owners.get(publicKey);
    if (!isWireguardKey(publicKey)) {
      const hint = "write what wg pubkey prints, or the app shows as the public key: 44 letters that end in =";
      yield { at: at(), message: `${quote(shorten(publicKey))} is no WireGuard key`, hint };
    } else if (owner !== undefined) {
      yield { at: at(), message: `this is the key of ${owner} already`, hint: `make a key pair for ${name} alone` };
    } else owners.set(publicKey, `the device ${name}`);
  }
}

export const deviceKey: Rule = {
  code: "device-key",
  severity: "error",
  title: "A device has a WireGuard key of its own",
  why: "WireGuard tells peers apart by their key alone. Two devices with one key would take the link away from each other whenever both are on.",
  needs: "fleet",
  check: checkDevices,
};

function* checkDeviceRelays(context: RuleContext): Iterable<Finding> {
  const { inputs, fleet } = context;
  // The missing host may be the relay.
  if (!isComplete(context)) return;
  for (const { name, cluster } of fleet.devices) {
    const own = fleet.clusters.get(cluster);
    if (own === undefined || own.mesh.relays.length > 0) continue;
    const message = `the cluster ${cluster} has no relay that the device ${name} could join through`;
    const hint = "name a host that can be reached from outside in mesh.relays";
    yield { at: inputs.fleetOriginsOf(["devices", name]), message, hint };
  }
}

export const deviceRelay: Rule = {
  code: "device-relay",
  severity: "error",
  title: "Devices have a relay to join through",
  why: "A phone moves between networks, and keeps a single link: to the first relay of its cluster, which carries the rest. Without a relay it is left out of the mesh.",
  needs: "fleet",
  check: checkDeviceRelays,
};
