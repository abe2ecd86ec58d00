import type { HostInput } from "../../generators/model/input.js";
import type { Lock } from "../../generators/model/lock.js";
import type { Inventory as Hetzner } from "../../pulumi/hetzner/inventory.js";
import type { CloudView } from "../../pulumi/plan/types.js";
import { type ViewOptions, viewCloud } from "../../pulumi/plan/view.js";
import { FLEET, planOf } from "../support/fleets.js";

/** Views of small fleets, and what is at providers. */

/** Hetzner as it is to a new account, with both snapshots. */
export const EMPTY_HETZNER: Hetzner = {
  locations: [
    { name: "nbg1", networkZone: "eu-central" },
    { name: "fsn1", networkZone: "eu-central" },
  ],
  serverTypes: [
    { name: "cx23", locations: ["nbg1", "fsn1"], disk: 40, architecture: "x86" },
    { name: "cx33", locations: ["nbg1", "fsn1"], disk: 80, architecture: "x86" },
    { name: "cax11", locations: ["nbg1", "fsn1"], disk: 40, architecture: "arm" },
  ],
  servers: [],
  sshKeys: [],
  primaryIps: [],
  volumes: [],
  networks: [],
  placementGroups: [],
  firewalls: [],
  images: new Map([
    ["x86_64", 11],
    ["aarch64", 12],
  ]),
};

/** A server at Hetzner. */
export function server(more: Partial<HostInput<"hetznerVm">> = {}): HostInput {
  return { platform: "hetznerVm", site: "dc", serverType: "cx23", location: "nbg1", ...more };
}

/** A voter at Hetzner. */
export function voter(more: Partial<HostInput<"hetznerVm">> = {}): HostInput {
  return server({ nomad: { server: true }, consul: { server: true }, ...more });
}

/** A container on Proxmox. */
export function container(more: Partial<HostInput<"proxmoxLxc">> = {}): HostInput {
  return { platform: "proxmoxLxc", site: "nat", node: "pve", vmId: 201, ...more };
}

/** A virtual machine on Proxmox. */
export function machine(more: Partial<HostInput<"proxmoxVm">> = {}): HostInput {
  return { platform: "proxmoxVm", site: "nat", node: "pve", vmId: 210, ...more };
}

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFZcmSBBkjGyuPYDvWRkl8t5EMJoTZf3XDfVW4rUrRmZ";

/** What a fleet of these hosts asks of providers. */
export function viewOf(hosts: Readonly<Record<string, HostInput>>, options: ViewOptions = {}, lock?: Lock): CloudView {
  const fleet = { ...FLEET, admins: { nico: { sshKeys: [`${KEY} nico@example.org`], age: [] } } };
  return viewCloud(planOf(fleet, hosts, lock), options);
}
