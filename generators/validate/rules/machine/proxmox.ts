import type { HostInput } from "../../../model/input.js";
import type { Finding, Rule, RuleContext } from "../../rule.js";
import { eachHost, quote } from "../support.js";

/** Containers and virtual machines on a Proxmox node. */

type Guest = HostInput<"proxmoxLxc" | "proxmoxVm">;

function* eachGuest(context: RuleContext): Iterable<{ name: string; input: Guest; node: string }> {
  for (const [name, input] of eachHost(context)) {
    if (input.platform !== "proxmoxLxc" && input.platform !== "proxmoxVm") continue;
    // Nodes of different sites may well have one name: pve is the installer's default.
    yield { name, input, node: `${input.site} ${input.node}` };
  }
}

/** Proxmox keeps the numbers below for itself. */
const LEAST_ID = 100;
const MOST_ID = 999_999_999;

function* checkIds(context: RuleContext): Iterable<Finding> {
  const owners = new Map<string, string>();
  for (const { name, input, node } of eachGuest(context)) {
    const { vmId } = input;
    if (vmId === undefined) continue;
    const at = () => context.inputs.originsOf(name, ["vmId"]);
    const owner = owners.get(`${node} ${vmId}`);
    if (vmId < LEAST_ID || vmId > MOST_ID) {
      const message = `Proxmox has no guest number ${vmId}`;
      yield { at: at(), message, hint: `choose one from ${LEAST_ID} to ${MOST_ID}` };
    } else if (owner !== undefined) {
      const message = `number ${vmId} on the node ${input.node} is ${owner} already`;
      yield { at: at(), message, hint: "choose another one, or leave it to Proxmox" };
    } else owners.set(`${node} ${vmId}`, name);
  }
}

export const proxmoxId: Rule = {
  code: "proxmox-id",
  severity: "error",
  title: "A Proxmox guest has a number of its own, from 100 on",
  why: "Proxmox keeps numbers below 100 for itself, and one number is one guest: the second would replace the first, or fail half-way.",
  needs: "fleet",
  check: checkIds,
};

/** A device's number, or the name of a resource mapping. */
const PCI = /^(?:(?:[0-9a-f]{4}:)?[0-9a-f]{2}:[01][0-9a-f](?:\.[0-7])?|[a-z][\w-]+)$/i;

function* checkPci(context: RuleContext): Iterable<Finding> {
  const owners = new Map<string, string>();
  for (const { name, input, node } of eachGuest(context)) {
    if (input.platform !== "proxmoxVm") continue;
    for (const [index, device] of input.hostPci?.entries() ?? []) {
      const at = () => context.inputs.originsOf(name, ["hostPci", index]);
      const key = `${node} ${device.toLowerCase().replace(/^0000:/, "")}`;
      const owner = owners.get(key);
      if (!PCI.test(device)) {
        const hint =
          "write domain, bus, device and function as lspci -D shows them: 0000:01:00.0, or 0000:01:00 for all functions; or the name of a resource mapping";
        yield { at: at(), message: `${quote(device)} is no PCI device`, hint };
      } else if (owner !== undefined) {
        const message = `the PCI device ${device} of the node ${input.node} is ${owner === name ? "listed twice" : `${owner}'s already`}`;
        yield { at: at(), message, hint: "a device belongs to one machine; remove it from one of them" };
      } else owners.set(key, name);
    }
  }
}

export const proxmoxPci: Rule = {
  code: "proxmox-pci",
  severity: "error",
  title: "A PCI device that is passed through is one, and belongs to one machine",
  why: "Proxmox does not start a machine whose device is written wrongly, or taken by another machine that runs.",
  needs: "fleet",
  check: checkPci,
};

/** `STORAGE:GIB`, a new volume. */
const VOLUME = /^[A-Za-z][A-Za-z0-9._-]*:[1-9]\d*$/;

function* checkMounts(context: RuleContext): Iterable<Finding> {
  for (const { name, input } of eachGuest(context)) {
    if (input.platform !== "proxmoxLxc") continue;
    const targets = new Set<string>();
    for (const [index, { source, target }] of input.mounts?.entries() ?? []) {
      const at = (key: string) => context.inputs.originsOf(name, ["mounts", index, key]);
      if (!source.startsWith("/") && !VOLUME.test(source)) {
        const hint = "write an absolute path, such as /tank/photos, or a new volume, such as local-lvm:32";
        yield { at: at("source"), message: `${quote(source)} is neither a folder of the node nor a volume`, hint };
      }
      const isFolder = target.startsWith("/") && target !== "/";
      if (isFolder && !targets.has(target)) targets.add(target);
      else {
        const message = isFolder ? `${target} is mounted twice` : `${quote(target)} is no folder to mount at`;
        yield { at: at("target"), message, hint: "write an absolute path of its own, such as /srv/photos" };
      }
    }
  }
}

export const proxmoxMount: Rule = {
  code: "proxmox-mount",
  severity: "error",
  title: "A container's mount leads from a folder or volume to a folder",
  why: "Proxmox refuses to start a container with a mount point that is not absolute; two mounts at one folder hide each other.",
  needs: "fleet",
  check: checkMounts,
};
