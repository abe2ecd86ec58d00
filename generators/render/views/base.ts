import type { Admin, Fleet, Host } from "../../model/fleet.js";
import type { NixTree, NixValue } from "../../model/input.js";
import type { FleetPlan, HostPlan } from "../../plan/types.js";
import { printNix } from "../nix/nix.js";
import { shareBy } from "../share.js";
import { hostIdOf, viewDisks } from "./disks.js";
import { secretPath } from "./secrets.js";

/** What a host is, and who may log in: option trees from the root. */

/** Cloudflare's public time service. Addresses, since no name resolves while the clock is wrong: DNSSEC and TLS fail. */
const TIME_SERVERS = {
  ipv4: ["162.159.200.1", "162.159.200.123"],
  ipv6: ["2606:4700:f1::1", "2606:4700:f1::123"],
} as const;

/** Everything of `base.nix`; null where there is nothing to say. */
export interface BaseView {
  readonly identity: NixTree;
  readonly time: NixTree | null;
  readonly unfree: NixTree | null;
  readonly users: NixTree;
  readonly ssh: NixTree;
  readonly disks: NixTree | null;
  readonly platform: NixTree | null;
}

interface Account {
  keys: string[];
  groups: string[];
  description?: string;
}

/** What a host has beside the fleet's admins. */
type OwnAccounts = Pick<Host, "sshKeys" | "users">;

/** Accounts by name: the deploy user with all keys, the admins with their own, then the host's. */
function collectAccounts(host: OwnAccounts, admins: readonly Admin[], deployUser: string): Map<string, Account> {
  const accounts = new Map<string, Account>();
  const add = (name: string, keys: readonly string[], groups: readonly string[], description?: string) => {
    const account = accounts.get(name) ?? { keys: [], groups: [] };
    account.keys.push(...keys.filter((key) => !account.keys.includes(key)));
    account.groups.push(...groups.filter((group) => !account.groups.includes(group)));
    if (description !== undefined) account.description = description;
    accounts.set(name, account);
  };
  const wheel = (name: string) => (name === "root" ? [] : ["wheel"]);
  add(deployUser, [...admins.flatMap(({ sshKeys }) => sshKeys), ...host.sshKeys], wheel(deployUser));
  for (const { name, sshKeys } of admins) add(name, sshKeys, wheel(name));
  for (const [name, user] of Object.entries(host.users))
    add(name, user.sshKeys ?? [], user.groups ?? [], user.description);
  return accounts;
}

function viewAccount(name: string, { keys, groups, description }: Account): NixTree {
  return {
    ...(name !== "root" && { isNormalUser: true }),
    ...(description !== undefined && { description }),
    ...(groups.length > 0 && { extraGroups: groups }),
    ...(keys.length > 0 && { openssh: { authorizedKeys: { keys } } }),
  };
}

/** Most hosts have no accounts of their own, and share the fleet's. */
const fleetUsers = new WeakMap<readonly Admin[], NixTree>();

function viewUsers(host: OwnAccounts, admins: readonly Admin[], deployUser: string): NixTree {
  if (host.sshKeys.length > 0 || Object.keys(host.users).length > 0) return makeUsers(host, admins, deployUser);
  const known = fleetUsers.get(admins) ?? makeUsers(host, admins, deployUser);
  fleetUsers.set(admins, known);
  return known;
}

function makeUsers(host: OwnAccounts, admins: readonly Admin[], deployUser: string): NixTree {
  const accounts = collectAccounts(host, admins, deployUser);
  const entries = [...accounts].map(([name, account]) => [name, viewAccount(name, account)]);
  return { users: { users: Object.fromEntries(entries) as NixTree } };
}

const viewSsh = shareBy((deployUser: string, port: number, identified: boolean): NixTree => {
  const openssh = {
    enable: true,
    // network.nix says what is open.
    openFirewall: false,
    ...(identified && { hostKeys: [{ type: "ed25519", path: secretPath("ssh") }], generateHostKeys: false }),
    ...(port !== 22 && { ports: [port] }),
    settings: {
      PasswordAuthentication: false,
      KbdInteractiveAuthentication: false,
      PermitRootLogin: deployUser === "root" ? "prohibit-password" : "no",
    },
  };
  return { services: { openssh } };
});

const timeOf = shareBy((ipv4: boolean, ipv6: boolean): NixTree => {
  const servers = [...(ipv4 ? TIME_SERVERS.ipv4 : []), ...(ipv6 ? TIME_SERVERS.ipv6 : [])];
  return { services: { timesyncd: { servers } } };
});

/** A container's clock is its node's. */
function viewTime({ platform, site }: Host): NixTree | null {
  return platform === "proxmoxLxc" ? null : timeOf(site.ipv4 !== "none", site.ipv6 !== "none");
}

/** What the host is called, and what it runs on. */
function viewIdentity(host: Host, domain: string): NixTree {
  const zfs = typeof host.disks === "object" && host.disks?.layout === "zfs";
  return {
    networking: {
      hostName: host.name,
      domain,
      ...(zfs && { hostId: hostIdOf(host.name) }),
    },
    nixpkgs: { hostPlatform: `${host.arch}-linux` },
    time: { timeZone: host.timeZone },
    system: { stateVersion: host.stateVersion },
  };
}

/** Exactly what the host runs: Consul and Nomad are under the Business Source Licence. */
const unfreeOf = shareBy((consul: boolean, nomad: boolean): NixTree => {
  const names = [...(consul ? ["consul"] : []), ...(nomad ? ["nomad"] : [])];
  const lines = names.length > 1;
  const list = printNix(names, { indent: lines ? 4 : 2 });
  const [before, between] = lines ? ["\n    ", "\n    "] : ["", " "];
  const predicate = { $nix: `${before}package:${between}builtins.elem (lib.getName package) ${list}` };
  return { nixpkgs: { config: { allowUnfreePredicate: predicate } } };
});

function viewUnfree({ consul, nomad }: HostPlan): NixTree | null {
  return consul === null && nomad === null ? null : unfreeOf(consul !== null, nomad !== null);
}

/** What only one platform has, and its module cannot know. */
function viewPlatform({ input }: Host): NixTree | null {
  switch (input.platform) {
    case "bareMetal":
      return input.bootMode === "bios" ? { boot: { loader: { "systemd-boot": { enable: false } } } } : null;
    case "hetznerVm": {
      const volumes = Object.entries(input.volumes ?? {});
      if (volumes.length === 0) return null;
      const mounts = volumes.map(([name, { mount }]): [string, NixValue] => [
        mount,
        { device: `/dev/disk/by-label/${name}`, fsType: "ext4", options: ["nofail"] },
      ]);
      return { fileSystems: Object.fromEntries(mounts) };
    }
    case "raspberryPi":
    case "proxmoxLxc":
    case "proxmoxVm":
    case "contaboVm":
      return null;
    default:
      return input satisfies never;
  }
}

/** Who may log in where no host is named: what images of platforms start with. */
export function viewAdmins({ admins, deploy }: Fleet): Pick<BaseView, "users" | "ssh"> {
  return {
    users: viewUsers({ sshKeys: [], users: {} }, admins, deploy.user),
    ssh: viewSsh(deploy.user, deploy.port, false),
  };
}

export function viewBase(plan: FleetPlan, own: HostPlan): BaseView {
  const { host } = own;
  const { fleet } = plan;
  return {
    identity: viewIdentity(host, fleet.domain),
    time: viewTime(host),
    unfree: viewUnfree(own),
    users: viewUsers(host, fleet.admins, fleet.deploy.user),
    ssh: viewSsh(fleet.deploy.user, fleet.deploy.port, true),
    disks: viewDisks(host),
    platform: viewPlatform(host),
  };
}
