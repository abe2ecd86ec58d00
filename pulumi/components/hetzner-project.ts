import * as pulumi from "@pulumi/pulumi";
import type { Inventory } from "../hetzner/inventory.js";
import { findForeignKey } from "../hetzner/keys.js";
import { projectLabels } from "../hetzner/labels.js";
import { groupName, sharedName } from "../hetzner/names.js";
import { loadHcloud } from "../packages.js";
import type { CloudView, HetznerView, LanView } from "../plan/types.js";

/** Hetzner wants numbers where Pulumi's ids are text. */
export function toNumber(id: pulumi.Output<string>): pulumi.Output<number> {
  return id.apply(Number);
}

/** What servers of a stack share at Hetzner: keys, private networks, and groups that keep voters on different hardware. */
export class HetznerProject extends pulumi.ComponentResource {
  /** Ids of the keys that may log in to a new server. */
  readonly sshKeys: readonly pulumi.Output<string>[];
  /** Ids of subnets, by site. */
  readonly subnets: ReadonlyMap<string, pulumi.Output<string>>;
  /** Ids of placement groups, by cluster. */
  readonly groups: ReadonlyMap<string, pulumi.Output<number>>;
  private readonly hcloud = loadHcloud();

  /** @param inventory what is at Hetzner already */
  constructor(
    readonly view: CloudView,
    readonly inventory: Inventory,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("meshflake:hetzner:Project", view.prefix, {}, options);
    const servers = view.machines.filter((machine): machine is HetznerView => machine.platform === "hetznerVm");
    this.sshKeys = view.sshKeys.map((key) => this.makeKey(key));
    this.subnets = new Map(view.lans.map((lan) => [lan.site, this.makeSubnet(lan, servers)]));
    const clusters = new Set(servers.filter(({ voter }) => voter).map(({ cluster }) => cluster));
    this.groups = new Map([...clusters].map((cluster) => [cluster, this.makeGroup(cluster)]));
    this.registerOutputs();
  }

  /** A project knows a key once, whoever brought it: a key that is there already is used as it is. */
  private makeKey({ name, publicKey }: CloudView["sshKeys"][number]): pulumi.Output<string> {
    const known = findForeignKey(this.view, this.inventory, publicKey);
    if (known !== undefined) return pulumi.output(String(known.id));
    const args = { name: this.named(name), publicKey, labels: projectLabels(this.view) };
    return new this.hcloud.SshKey(this.named(name), args, { parent: this }).id;
  }

  private makeSubnet({ site, range }: LanView, servers: readonly HetznerView[]): pulumi.Output<string> {
    const name = this.named(site);
    const args = { name, ipRange: range, labels: projectLabels(this.view) };
    const network = new this.hcloud.Network(name, args, { parent: this, protect: true });
    const location = servers.find(({ lan }) => lan?.site === site)?.location;
    const networkZone = this.inventory.locations.find((one) => one.name === location)?.networkZone;
    if (networkZone === undefined) throw new Error(`no network zone is known for ${location}`);
    const subnet = { networkId: toNumber(network.id), type: "cloud", networkZone, ipRange: range };
    return new this.hcloud.NetworkSubnet(name, subnet, { parent: this, protect: true }).id;
  }

  /** Up to ten servers, each on hardware of its own: one that dies takes no second voter with it. */
  private makeGroup(cluster: string): pulumi.Output<number> {
    const name = groupName(this.view, cluster);
    const args = { name, type: "spread", labels: { ...projectLabels(this.view), cluster } };
    return toNumber(new this.hcloud.PlacementGroup(name, args, { parent: this }).id);
  }

  private named(name: string): string {
    return sharedName(this.view, name);
  }
}
