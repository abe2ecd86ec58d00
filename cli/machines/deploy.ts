import { meshZone } from "../../generators/plan/dns.js";
import type { FleetPlan } from "../../generators/plan/types.js";
import { systemName } from "../../generators/render/paths.js";

/** Where a system goes, over SSH. */
export interface DeployTarget {
  /** Its name in the flake. */
  readonly system: string;
  readonly user: string;
  /** An address or a name. */
  readonly at: string;
}

/**
 * The command that switches a host, and never the machine that it is typed on. Which key the host must have is said by
 * `NIX_SSHOPTS` before it.
 */
export function deployCommand({ system, user, at }: DeployTarget): string {
  const sudo = user === "root" ? "" : " --sudo";
  return `nixos-rebuild switch --flake .#${system} --target-host ${user}@${at}${sudo}`;
}

/** Where a host is deployed: its public IPv4 address or its public name, else its name in the mesh. */
export function deployTarget({ fleet, hosts }: FleetPlan, host: string): DeployTarget {
  const { public4, public6 } = hosts.get(host)?.host.address ?? {};
  const name = `${host}.${public6 === undefined ? meshZone(fleet.domain) : fleet.domain}`;
  return { system: systemName(fleet, host), user: fleet.deploy.user, at: public4 ?? name };
}
