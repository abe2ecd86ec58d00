import type { Fleet } from "../../generators/model/fleet.js";
import type { Problem } from "../../generators/model/problem.js";
import { addressName, sourceOf } from "../hetzner/addresses.js";
import type { Inventory, NamedFact } from "../hetzner/inventory.js";
import { findForeignKey } from "../hetzner/keys.js";
import { isOurs } from "../hetzner/labels.js";
import { groupName, sharedName, volumeName } from "../hetzner/names.js";
import type { CloudView, HetznerView } from "../plan/types.js";
import { hostProblem, stackProblem } from "./problem.js";

/** Names that somebody else gave to something at Hetzner, which knows each name once a kind, and would refuse the second half-way. */

/** A name that the stack is about to give. */
interface Wanted {
  /** For people. */
  readonly kind: string;
  readonly name: string;
  /** What has a name of this kind already. */
  readonly there: readonly NamedFact[];
  /** The only host that needs it, or null. */
  readonly host: string | null;
}

export function checkNames(fleet: Fleet, view: CloudView, inventory: Inventory): Problem[] {
  const servers = view.machines.filter((machine): machine is HetznerView => machine.platform === "hetznerVm");
  const wanted = [
    ...servers.flatMap((server) => listOwn(view, inventory, server)),
    ...listShared(view, inventory, servers),
  ];
  return wanted.flatMap(({ kind, name, there, host }) => {
    const taken = there.find((one) => one.name === name && !isOurs(view, one.labels));
    if (taken === undefined) return [];
    const what = `a ${kind} ${name} exists already (${taken.id}), and this stack did not make it`;
    const hint = "delete or rename it in Hetzner's console";
    return [host === null ? stackProblem(what, hint) : hostProblem(fleet, host, [], what, hint)];
  });
}

/** What belongs to one server; its own name is checked with the rest of it. */
function listOwn(view: CloudView, inventory: Inventory, server: HetznerView): Wanted[] {
  const { host, name } = server;
  const made = server.addresses.filter((address) => sourceOf(view, inventory, address).kind === "made");
  return [
    { kind: "firewall", name, there: inventory.firewalls, host },
    ...made.map((address) => {
      return { kind: "primary IP", name: addressName(server, address), there: inventory.primaryIps, host };
    }),
    ...server.volumes.map((volume) => {
      return { kind: "volume", name: volumeName(server, volume.name), there: inventory.volumes, host };
    }),
  ];
}

function listShared(view: CloudView, inventory: Inventory, servers: readonly HetznerView[]): Wanted[] {
  const clusters = new Set(servers.filter(({ voter }) => voter).map(({ cluster }) => cluster));
  const keys = view.sshKeys.filter(({ publicKey }) => findForeignKey(view, inventory, publicKey) === undefined);
  const wanted = (kind: string, name: string, there: readonly NamedFact[]) => ({ kind, name, there, host: null });
  return [
    ...keys.map(({ name }) => wanted("SSH key", sharedName(view, name), inventory.sshKeys)),
    ...view.lans.map(({ site }) => wanted("network", sharedName(view, site), inventory.networks)),
    ...[...clusters].map((one) => wanted("placement group", groupName(view, one), inventory.placementGroups)),
  ];
}
