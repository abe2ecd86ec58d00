import type { HostInput } from "../../generators/model/input.js";
import type { FleetPlan, HostPlan } from "../../generators/plan/types.js";
import { compareText } from "../../generators/tree/paths.js";
import { viewHetzner, viewLans } from "./hetzner.js";
import { viewMachine } from "./machine.js";
import type { OnceSettings } from "./once.js";
import { viewContainer, viewVm } from "./proxmox.js";
import type { CloudMachine, CloudView, ContaboView, HetznerView, MachineView } from "./types.js";
import { viewZone } from "./zone.js";

/** Which part of a plan a stack makes. */
export interface ViewOptions extends OnceSettings {
  /** The only cluster; all of them where it is left out. */
  readonly cluster?: string;
}

/**
 * What a plan asks of providers. Hosts that no provider makes, such as a Pi or a Contabo instance without a number, are left out.
 * Pure: the same plan gives the same view.
 */
export function viewCloud(plan: FleetPlan, options: ViewOptions = {}): CloudView {
  const { fleet } = plan;
  const { cluster, replace, unlock, relock } = options;
  const hosts = [...plan.hosts.values()].filter(({ host }) => cluster === undefined || host.cluster === cluster);
  const machines = hosts.flatMap((host) => viewHost(plan, host, options));
  const servers = machines.filter((machine): machine is HetznerView => machine.platform === "hetznerVm");
  return {
    fleet: fleet.name,
    environment: fleet.environment,
    cluster: cluster ?? null,
    prefix: [fleet.name, fleet.environment, cluster].filter((part) => part !== null && part !== undefined).join("-"),
    isStep: [replace, unlock, relock].some((host) => host !== undefined),
    machines,
    sshKeys: viewKeys(plan),
    lans: viewLans(plan, servers),
    zone: viewZone(plan, hosts),
  };
}

function viewHost(plan: FleetPlan, hostPlan: HostPlan, options: ViewOptions): CloudMachine[] {
  const { host } = hostPlan;
  const { input } = host;
  const machine = viewMachine(plan, hostPlan, options);
  switch (input.platform) {
    case "hetznerVm":
      return [viewHetzner(plan, hostPlan, input, machine)];
    case "proxmoxLxc":
      return [viewContainer(host, input, machine)];
    case "proxmoxVm":
      return [viewVm(host, input, machine)];
    case "contaboVm":
      return viewContabo(input, machine);
    case "raspberryPi":
    case "bareMetal":
      return [];
    default:
      return input satisfies never;
  }
}

/** Nothing is ordered: an instance without a number does not exist yet. */
function viewContabo(input: HostInput<"contaboVm">, machine: MachineView): ContaboView[] {
  const { instanceId, region = null, product = null } = input;
  return instanceId === undefined ? [] : [{ ...machine, platform: "contaboVm", instanceId, region, product }];
}

/** The admins' keys, without comments: a provider knows a key by its content, and two admins may share one. */
function viewKeys({ fleet }: FleetPlan): CloudView["sshKeys"] {
  const keys = new Map<string, string>();
  for (const { name, sshKeys } of fleet.admins)
    for (const [index, key] of sshKeys.entries()) {
      const publicKey = key.trim().split(/\s+/).slice(0, 2).join(" ");
      if (!keys.has(publicKey)) keys.set(publicKey, index === 0 ? name : `${name}-${index + 1}`);
    }
  return [...keys].map(([publicKey, name]) => ({ name, publicKey })).sort((a, b) => compareText(a.name, b.name));
}
