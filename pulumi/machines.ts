import type * as pulumi from "@pulumi/pulumi";
import type { Fleet } from "../generators/model/fleet.js";
import type { Problem } from "../generators/model/problem.js";
import type { HostOutput } from "./outputs.js";
import type { CloudMachine, CloudView, ContaboView, ContainerView, HetznerView, VmView } from "./plan/types.js";
import type { Settings } from "./settings.js";

/** The machines of a stack, in the order that is safe. */

/** A machine that was made. */
export interface Made {
  readonly output: pulumi.Output<HostOutput>;
  /** What the next voter waits for. */
  readonly resource: pulumi.Resource;
}

/** Makes one machine, after others. */
export type Maker<Machine extends CloudMachine> = (machine: Machine, after: readonly pulumi.Resource[]) => Made;

/** A provider whose checks are done. */
export interface Provider<Machine extends CloudMachine> {
  /** What stops the stack. */
  readonly problems: readonly Problem[];
  /** Hosts whose machines the update switches off for a while. */
  readonly interrupted: readonly string[];
  /** Makes what the machines share. Only called where no provider has a problem. */
  readonly open: () => Maker<Machine>;
}

/** Of a provider that no host is at: its package is never loaded. */
const UNUSED: Provider<CloudMachine> = {
  problems: [],
  interrupted: [],
  open: () => (machine) => {
    throw new Error(`${machine.host} is at a provider that is not in use`);
  },
};

/**
 * Voters one after the other, in each cluster by the host's name, since a cluster that loses two votes at once may stop. All others
 * at the same time.
 */
export function makeInOrder(
  machines: readonly CloudMachine[],
  make: Maker<CloudMachine>,
): Record<string, pulumi.Output<HostOutput>> {
  const last = new Map<string, pulumi.Resource>();
  const made: Record<string, pulumi.Output<HostOutput>> = {};
  for (const machine of machines) {
    const before = machine.voter ? last.get(machine.cluster) : undefined;
    const { output, resource } = make(machine, before === undefined ? [] : [before]);
    if (machine.voter) last.set(machine.cluster, resource);
    made[machine.host] = output;
  }
  return made;
}

/** What is asked of each provider; a provider's package loads only where a host needs it. */
interface Providers {
  readonly hetzner: Provider<HetznerView>;
  readonly proxmox: Provider<ContainerView | VmView>;
  readonly contabo: Provider<ContaboView>;
}

/** Checks everything against what is at the providers. Makes nothing. */
export async function prepareProviders(fleet: Fleet, view: CloudView, settings: Settings): Promise<Providers> {
  const uses = (...platforms: string[]) => view.machines.some(({ platform }) => platforms.includes(platform));
  const [hetzner, proxmox, contabo] = await Promise.all([
    uses("hetznerVm")
      ? import("./hetzner/prepare.js").then(({ prepareHetzner }) => prepareHetzner(fleet, view, settings.hetzner))
      : UNUSED,
    uses("proxmoxLxc", "proxmoxVm")
      ? import("./proxmox/prepare.js").then(({ prepareProxmox }) => prepareProxmox(fleet, view, settings.proxmox))
      : UNUSED,
    uses("contaboVm")
      ? import("./contabo/prepare.js").then(({ prepareContabo }) => prepareContabo(fleet, view, settings.contabo))
      : UNUSED,
  ]);
  return { hetzner, proxmox, contabo };
}

/** Makes the machines, and what they share, after all checks. */
export function makeMachines(view: CloudView, providers: Providers): Record<string, pulumi.Output<HostOutput>> {
  const makers = {
    hetzner: providers.hetzner.open(),
    proxmox: providers.proxmox.open(),
    contabo: providers.contabo.open(),
  };
  return makeInOrder(view.machines, (machine, after) => {
    switch (machine.platform) {
      case "hetznerVm":
        return makers.hetzner(machine, after);
      case "proxmoxLxc":
      case "proxmoxVm":
        return makers.proxmox(machine, after);
      case "contaboVm":
        return makers.contabo(machine, after);
      default:
        return machine satisfies never;
    }
  });
}
