import type { Origin } from "../../../model/problem.js";
import type { Family } from "../../../model/vocabulary.js";
import type { RuleContext } from "../../rule.js";
import { eachHost, hostNetworksOf } from "../support.js";

/** Every value of the inputs that is an address or a network, with what belongs there. */
export interface Slot {
  readonly text: string;
  /** `name` takes a literal address or a name. */
  readonly form: "cidr" | "address" | "name";
  /** The only family that fits; either one where it is missing. */
  readonly family?: Family;
  /** Where it is; a function, since most values are right and need no place. */
  readonly at: () => readonly Origin[];
}

type Given = readonly [
  path: readonly (string | number)[],
  text: string | undefined,
  form: Slot["form"],
  family?: Family,
];

function* slotsOf(given: readonly Given[], originsOf: (path: Given[0]) => readonly Origin[]): Iterable<Slot> {
  for (const [path, text, form, family] of given) {
    if (text !== undefined) yield { text, form, ...(family && { family }), at: () => originsOf(path) };
  }
}

function* fleetSlots({ inputs }: RuleContext): Iterable<Slot> {
  const { sites, mesh, clusters = {}, devices = {} } = inputs.fleet.value;
  const given: Given[] = [[["mesh", "ipv4"], mesh.ipv4, "cidr", "ipv4"]];
  for (const [name, { lan }] of Object.entries(sites)) given.push([["sites", name, "lan"], lan, "cidr"]);
  for (const [name, cluster] of Object.entries(clusters)) {
    given.push([["clusters", name, "mesh", "ipv4"], cluster.mesh?.ipv4, "cidr", "ipv4"]);
  }
  for (const [name, { ip }] of Object.entries(devices)) given.push([["devices", name, "ip"], ip, "address", "ipv4"]);
  yield* slotsOf(given, inputs.fleetOriginsOf);
}

/** All of them, the fleet's first. */
export function* eachSlot(context: RuleContext): Iterable<Slot> {
  yield* fleetSlots(context);
  for (const [name, { address = {}, mesh, nomad, consul }] of eachHost(context)) {
    const given: Given[] = [
      [["address", "ipv4"], address.ipv4, "cidr", "ipv4"],
      [["address", "gateway4"], address.gateway4, "address", "ipv4"],
      [["address", "ipv6"], address.ipv6, "cidr", "ipv6"],
      [["address", "gateway6"], address.gateway6, "address", "ipv6"],
      [["address", "lan"], address.lan, "name"],
      [["mesh", "ip"], mesh?.ip, "address", "ipv4"],
    ];
    for (const [index, text] of address.dns?.entries() ?? []) given.push([["address", "dns", index], text, "address"]);
    for (const [key, { cidr }] of hostNetworksOf(nomad)) {
      given.push([["nomad", "hostNetworks", key, "cidr"], cidr, "cidr"]);
    }
    for (const [index, service] of (consul ? consul.services : undefined)?.entries() ?? []) {
      given.push([["consul", "services", index, "address"], service.address, "name"]);
    }
    yield* slotsOf(given, (path) => context.inputs.originsOf(name, path));
  }
}
