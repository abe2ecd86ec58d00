import type { CloudView, HetznerView } from "../plan/types.js";

/** What things at Hetzner are called that are no servers. A firewall has its server's name. */

/** Of what several machines share. */
export function sharedName({ prefix }: Pick<CloudView, "prefix">, name: string): string {
  return `${prefix}-${name}`;
}

/** The group that keeps a cluster's voters on different hardware. */
export function groupName(view: Pick<CloudView, "prefix" | "fleet">, cluster: string): string {
  return sharedName(view, cluster === view.fleet ? "voters" : `${cluster}-voters`);
}

export function volumeName({ name }: HetznerView, volume: string): string {
  return `${name}-${volume}`;
}
