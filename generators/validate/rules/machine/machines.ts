import type { HostInput } from "../../../model/input.js";
import type { ValuePath } from "../../../model/problem.js";
import type { Finding, Rule, RuleContext } from "../../rule.js";
import { eachHost, quote } from "../support.js";

/** Disks and files of a host, and what the machine is at its provider. */

/** Whether somebody else says what the disks are: an imported Nix file, or options. */
function bringsOwnDisks({ imports = [], nixos = {} }: HostInput): boolean {
  return imports.length > 0 || "fileSystems" in nixos || "disko" in nixos;
}

function* checkDisks(context: RuleContext): Iterable<Finding> {
  for (const [name, input] of eachHost(context)) {
    const { disks, platform } = input;
    const at = (...path: ValuePath) => context.inputs.originsOf(name, path);
    if (platform === "bareMetal" && disks === undefined && !bringsOwnDisks(input)) {
      const hint = 'set disks: { layout: "ext4", device: "/dev/nvme0n1" }, or the path of a Nix file';
      yield { at: at(), message: `${name} has no disk to boot from`, hint };
    } else if (platform === "proxmoxLxc" && disks !== undefined) {
      const hint = "remove disks; disk is the size of its root in GiB, mounts adds folders";
      yield { at: at("disks"), message: "a container has no disks of its own", hint };
    } else if (typeof disks === "object") {
      const { device } = disks;
      const hint = "name it as ls /dev/disk/by-id shows it, or as /dev/nvme0n1";
      if (device === undefined && platform === "bareMetal") {
        yield { at: at("disks"), message: "the disk has no device", hint };
      } else if (device !== undefined && !/^\/dev\/[^\s]+$/.test(device)) {
        yield { at: at("disks", "device"), message: `${quote(device)} is no device`, hint };
      }
    }
  }
}

export const diskMissing: Rule = {
  code: "disk-missing",
  severity: "error",
  title: "A machine that is installed has a disk to boot from",
  why: "NixOS does not evaluate without a root file system. A Raspberry Pi's card and a container's root come with their image, and a virtual machine's first disk has a known name; what a bare machine has, only its owner knows.",
  needs: "fleet",
  check: checkDisks,
};

/** What keeps `path` from being a Nix file of the repository, or null. */
function fileFault(path: string): string | null {
  if (path.startsWith("/") || path.includes("\\")) return `${quote(path)} is not relative to the repository`;
  let depth = 0;
  for (const part of path.split("/")) {
    if (part === "..") depth--;
    else if (part !== "." && part !== "") depth++;
    if (depth < 0) return `${quote(path)} leads out of the repository`;
  }
  return path.endsWith(".nix") ? null : `${quote(path)} is not the name of a Nix file`;
}

/** Every Nix file that a host names. */
export function* eachNixFile(context: RuleContext) {
  for (const [host, { imports, disks }] of eachHost(context)) {
    for (const [index, file] of imports?.entries() ?? []) yield { host, file, path: ["imports", index] };
    if (typeof disks === "string") yield { host, file: disks, path: ["disks"] };
  }
}

function* checkFiles(context: RuleContext): Iterable<Finding> {
  for (const { host, file, path } of eachNixFile(context)) {
    const message = fileFault(file);
    const hint = "write the path from the repository's root, such as ./modules/services/nfs.nix";
    if (message !== null) yield { at: context.inputs.originsOf(host, path), message, hint };
  }
}

export const nixFile: Rule = {
  code: "nix-file",
  severity: "error",
  title: "An imported Nix file lies in the repository",
  why: "A flake sees only files of its own repository. An absolute path, or one that leads out of it, evaluates on one machine and fails on every other.",
  needs: "fleet",
  check: checkFiles,
};

/**
 * Checks that the Nix files which hosts import are there.
 * @param exists whether a file is there; its argument is relative to the repository, as the host file says it
 */
export function createNixFileRule(exists: (file: string) => boolean): Rule {
  return {
    code: "nix-file-missing",
    severity: "error",
    title: "An imported Nix file exists",
    why: "Nix reports a missing import with a trace through the module system; here it is one line, at the place that names the file.",
    needs: "fleet",
    *check(context) {
      for (const { host, file, path } of eachNixFile(context)) {
        if (fileFault(file) !== null || exists(file)) continue;
        const hint = "write the file, or correct the path: it starts at the repository's root";
        yield { at: context.inputs.originsOf(host, path), message: `there is no file ${file}`, hint };
      }
    },
  };
}

function* checkInstances(context: RuleContext): Iterable<Finding> {
  const owners = new Map<number, string>();
  for (const [name, input] of eachHost(context)) {
    if (input.platform !== "contaboVm" || input.instanceId === undefined) continue;
    const owner = owners.get(input.instanceId);
    if (owner === undefined) owners.set(input.instanceId, name);
    else {
      const message = `the Contabo instance ${input.instanceId} is ${owner} already`;
      const hint = "copy this host's own number from Contabo's customer panel";
      yield { at: context.inputs.originsOf(name, ["instanceId"]), message, hint };
    }
  }
}

export const contaboInstance: Rule = {
  code: "contabo-instance",
  severity: "error",
  title: "A Contabo instance is one host",
  why: "Two hosts with one instance number would be installed over each other.",
  needs: "fleet",
  check: checkInstances,
};

/** Names that the tz database has beside those that `Intl` lists. */
const UTC = ["UTC", "Etc/UTC", "GMT"];

/** Whether the tz database knows a zone. `Intl` lists one name a zone, so an older or newer alias costs a second look. */
function createZoneTest(): (zone: string) => boolean {
  const known = new Set([...Intl.supportedValuesOf("timeZone"), ...UTC]);
  const lower = new Set(Array.from(known, (zone) => zone.toLowerCase()));
  return (zone) => {
    if (known.has(zone)) return true;
    // NixOS takes the name as a file's path, so case counts there, though not for Intl.
    if (lower.has(zone.toLowerCase()) || !/^[A-Z]/.test(zone)) return false;
    try {
      return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
    } catch {
      return false;
    }
  };
}

function* checkZones(context: RuleContext): Iterable<Finding> {
  const { inputs } = context;
  const isKnown = createZoneTest();
  const seen = new Map<string, boolean>();
  const fault = (zone: string | undefined) => {
    if (zone === undefined) return false;
    if (!seen.has(zone)) seen.set(zone, isKnown(zone));
    return seen.get(zone) === false;
  };
  const hint = "write it as the tz database does: Europe/Madrid, America/New_York or UTC";
  const message = (zone: string | undefined) => `${quote(zone ?? "")} is no time zone`;
  const { timeZone } = inputs.fleet.value;
  if (fault(timeZone)) yield { at: inputs.fleetOriginsOf(["timeZone"]), message: message(timeZone), hint };
  for (const [name, host] of eachHost(context)) {
    if (!fault(host.timeZone)) continue;
    yield { at: inputs.originsOf(name, ["timeZone"]), message: message(host.timeZone), hint };
  }
}

export const timeZone: Rule = {
  code: "time-zone",
  severity: "error",
  title: "A time zone is one of the tz database",
  why: "NixOS links `/etc/localtime` to the zone's file. A name that does not exist leaves the machine in UTC, without a word.",
  needs: "fleet",
  check: checkZones,
};
