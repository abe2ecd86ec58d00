import { admits, type Firewall, forwardsAll } from "../host/firewall.js";
import type { ClusterNodes, Node, WgInterface } from "../host/nodes.js";
import { placeOf } from "../sets/intervals.js";
import type { Prefix } from "../sets/prefixes.js";

/** What holds for every packet of an interface, whoever sent it; worked out once. */
export class WireChecks {
  /** By interface number. */
  private readonly open: boolean[] = [];
  private readonly lowest: number;
  private readonly highest: number;

  constructor(private readonly cluster: ClusterNodes) {
    this.lowest = cluster.index[0] ?? 0;
    this.highest = cluster.index.at(-1) ?? 0;
  }

  /** Whether everybody gets through to all daemons of the interface's host. */
  isOpen(wire: WgInterface): boolean {
    const known = this.open[wire.id];
    if (known !== undefined) return known;
    const open = wire.host.ownsAddress && this.admitsAll(wire.host, wire.name);
    this.open[wire.id] = open;
    return open;
  }

  /** Whether everything that comes in on one interface may go out on the other. */
  forwards(host: Node, into: WgInterface, out: WgInterface): boolean {
    return forwardsAll(host.firewall, into.name, out.name, (prefixes) => this.holdsAll(prefixes));
  }

  private admitsAll({ firewall, daemons, ip }: Node, name: string): boolean {
    const everybodys = this.rulesForAll(firewall);
    if (everybodys === null) return false;
    const rules = { ...firewall, inputRules: everybodys };
    return daemons.listeners.every(({ protocol, port }) =>
      admits(rules, { in: name, source: this.lowest, destination: ip, protocol, port }),
    );
  }

  /** Rules that say the same to every sender; null where another one turns some away. A rule that lets only some in adds nothing. */
  private rulesForAll({ inputRules }: Firewall): Firewall["inputRules"] | null {
    const partial = inputRules.filter(({ source }) => source !== null && !this.holdsAll(source));
    if (partial.some(({ accept, source }) => !accept && this.holdsSome(source ?? []))) return null;
    return partial.length === 0 ? inputRules : inputRules.filter((rule) => !partial.includes(rule));
  }

  private holdsAll(prefixes: readonly Prefix[]): boolean {
    return prefixes.some(({ first, last }) => first <= this.lowest && this.highest <= last);
  }

  private holdsSome(prefixes: readonly Prefix[]): boolean {
    const { index } = this.cluster;
    return prefixes.some(({ first, last }) => placeOf(index, first) < placeOf(index, last + 1));
  }
}
