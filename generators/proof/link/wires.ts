import { forwardsAll } from "../host/firewall.js";
import type { ClusterNodes, Node, WgInterface } from "../host/nodes.js";
import type { Prefix } from "../sets/prefixes.js";
import { admitsListener } from "../walk/follow.js";

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
    const { host } = wire;
    const open = host.ownsAddress && host.daemons.listeners.every((listener) => this.admitsAll(wire, listener));
    this.open[wire.id] = open;
    return open;
  }

  /** Whether everything that comes in on one interface may go out on the other. */
  forwards(host: Node, into: WgInterface, out: WgInterface): boolean {
    return forwardsAll(host.firewall, into.name, out.name, (prefixes) => this.holdsAll(prefixes));
  }

  private admitsAll(wire: WgInterface, listener: Node["daemons"]["listeners"][number]): boolean {
    const { firewall } = wire.host;
    const [first] = this.cluster.nodes;
    // A rule that looks at addresses may say something else to another sender.
    if (firewall.inputRules.some(({ source }) => source !== null && !this.holdsAll(source))) return false;
    return first === undefined || admitsListener(wire, listener, first);
  }

  private holdsAll(prefixes: readonly Prefix[]): boolean {
    return prefixes.some(({ first, last }) => first <= this.lowest && this.highest <= last);
  }
}
