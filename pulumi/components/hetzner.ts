import type * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { addressName, hostAddress, sourceOf } from "../hetzner/addresses.js";
import { listRules } from "../hetzner/firewall.js";
import type { Inventory } from "../hetzner/inventory.js";
import { isOurs, machineLabels } from "../hetzner/labels.js";
import { volumeName } from "../hetzner/names.js";
import type { HostOutput } from "../outputs.js";
import { loadHcloud } from "../packages.js";
import { joinCommand } from "../plan/join.js";
import type { AddressView, HetznerView } from "../plan/types.js";
import { isKeepsakeLocked, isMachineLocked, keepsakeOptions, machineOptions, partOptions } from "./guard.js";
import { type HetznerProject, toNumber } from "./hetzner-project.js";

/** What matters when a server is made, and would replace one that runs. */
const AT_CREATION = ["image", "userData", "sshKeys"];

/** Something at Hetzner that outlives machines. */
type KeptFact = Inventory["volumes"][number];

/** A public address of a server. */
interface Address {
  readonly family: AddressView["family"];
  /** Of the primary IP. */
  readonly id: pulumi.Output<number>;
  /** The host's own, without a prefix length. */
  readonly ip: pulumi.Output<string>;
}

/**
 * A server at Hetzner with all that belongs to it. Its addresses and volumes are resources of their own, so that a server that is
 * made anew keeps them. It has no user data: that stays readable on the server, and in Pulumi's state.
 */
export class HetznerServer extends pulumi.ComponentResource {
  readonly server: hcloud.Server;
  readonly output: pulumi.Output<HostOutput>;
  private readonly labels: Record<string, string>;
  private readonly hcloud = loadHcloud();

  /**
   * @param machine the server as the plan wants it
   * @param project what it shares with others
   * @param options `dependsOn` names the machines that have to be there first
   */
  constructor(
    private readonly machine: HetznerView,
    private readonly project: HetznerProject,
    { dependsOn, ...options }: pulumi.ComponentResourceOptions = {},
  ) {
    super("meshflake:hetzner:Server", machine.name, {}, options);
    this.labels = machineLabels(project.view, machine);
    const addresses = machine.addresses.map((address) => this.makeAddress(address));
    this.server = this.makeServer(addresses, this.makeFirewall(), dependsOn);
    for (const address of addresses) this.nameAddress(address);
    const volumes = machine.volumes.map((volume) => [volume.name, this.makeVolume(volume)] as const);
    this.output = this.describe(addresses, Object.fromEntries(volumes));
    this.registerOutputs();
  }

  private makeAddress(address: AddressView): Address {
    const { family, fixed } = address;
    const source = sourceOf(this.project.view, this.project.inventory, address);
    if (source.kind === "missing") throw new Error(`${fixed} is no primary IP of the project`);
    if (source.kind === "existing") return { family, id: pulumi.output(source.id), ip: pulumi.output(fixed ?? "") };
    const { guard, location } = this.machine;
    const name = addressName(this.machine, address);
    const primary = new this.hcloud.PrimaryIp(
      name,
      {
        name,
        type: family,
        location,
        assigneeType: "server",
        autoDelete: false,
        deleteProtection: isKeepsakeLocked(guard),
        labels: this.labels,
      },
      { parent: this, ...keepsakeOptions(guard), ...this.comeBack(name, this.project.inventory.primaryIps) },
    );
    const own = family === "ipv4" ? primary.ipAddress : primary.ipNetwork.apply(hostAddress);
    return { family, id: toNumber(primary.id), ip: fixed === null ? own : pulumi.output(fixed) };
  }

  /** What stayed at Hetzner when its host was removed is the host's again when it comes back. */
  private comeBack(name: string, kept: readonly KeptFact[]): pulumi.CustomResourceOptions {
    const found = kept.find((one) => one.name === name && isOurs(this.project.view, one.labels));
    return found === undefined ? {} : { import: String(found.id) };
  }

  private makeFirewall(): pulumi.Output<number> {
    const { name, open, guard } = this.machine;
    const { view, inventory } = this.project;
    const own = inventory.firewalls.find((one) => one.name === name && isOurs(view, one.labels));
    const args = { name, rules: listRules(open, own?.rules ?? [], view.isStep), labels: this.labels };
    return toNumber(new this.hcloud.Firewall(name, args, { parent: this, ...partOptions(guard) }).id);
  }

  private makeServer(
    addresses: readonly Address[],
    firewall: pulumi.Output<number>,
    dependsOn: pulumi.ComponentResourceOptions["dependsOn"],
  ): hcloud.Server {
    const { machine, project } = this;
    const { name, guard } = machine;
    const image = project.inventory.images.get(machine.arch);
    const group = machine.voter ? project.groups.get(machine.cluster) : undefined;
    const idOf = (family: AddressView["family"]) => addresses.find((address) => address.family === family)?.id;
    const [ipv4, ipv6] = [idOf("ipv4"), idOf("ipv6")];
    const args: hcloud.ServerArgs = {
      name,
      serverType: machine.serverType,
      location: machine.location,
      ...(image !== undefined && { image: String(image) }),
      sshKeys: [...project.sshKeys],
      firewallIds: [firewall],
      ...(group !== undefined && { placementGroupId: group }),
      publicNets: [
        {
          ipv4Enabled: ipv4 !== undefined,
          ipv6Enabled: ipv6 !== undefined,
          ...(ipv4 && { ipv4 }),
          ...(ipv6 && { ipv6 }),
        },
      ],
      networks: this.listNetworks(),
      backups: machine.backups,
      shutdownBeforeDeletion: true,
      labels: this.labels,
      // Hetzner wants both or none.
      deleteProtection: isMachineLocked(guard),
      rebuildProtection: isMachineLocked(guard),
    };
    return new this.hcloud.Server(name, args, {
      parent: this,
      ...machineOptions(guard, AT_CREATION),
      ...(dependsOn !== undefined && { dependsOn }),
    });
  }

  private listNetworks(): NonNullable<hcloud.ServerArgs["networks"]> {
    const { lan } = this.machine;
    const subnetId = lan === null ? undefined : this.project.subnets.get(lan.site);
    // Without `aliasIps` the provider detaches and attaches the server with every update.
    return subnetId === undefined ? [] : [{ subnetId, aliasIps: [], ...(lan?.ip && { ip: lan.ip }) }];
  }

  /** Reverse DNS, of the address and not of the server, so that it stays. */
  private nameAddress({ family, id, ip }: Address): void {
    const { name, publicName, guard } = this.machine;
    const args = { primaryIpId: id, ipAddress: ip, dnsPtr: publicName };
    new this.hcloud.Rdns(`${name}-${family}`, args, { parent: this, ...partOptions(guard) });
  }

  private makeVolume({ name, size }: HetznerView["volumes"][number]): pulumi.Output<string> {
    const { guard, location } = this.machine;
    const label = volumeName(this.machine, name);
    const volume = new this.hcloud.Volume(
      label,
      {
        name: label,
        size,
        location,
        format: "ext4",
        deleteProtection: isKeepsakeLocked(guard),
        labels: this.labels,
      },
      {
        parent: this,
        ...keepsakeOptions(guard),
        ...this.comeBack(label, this.project.inventory.volumes),
        ignoreChanges: ["format"],
      },
    );
    new this.hcloud.VolumeAttachment(
      label,
      { serverId: toNumber(this.server.id), volumeId: toNumber(volume.id), automount: false },
      { parent: this, ...partOptions(guard), deleteBeforeReplace: true },
    );
    return volume.id;
  }

  private describe(
    addresses: readonly Address[],
    volumes: Readonly<Record<string, pulumi.Output<string>>>,
  ): pulumi.Output<HostOutput> {
    const { host, location, guard } = this.machine;
    const ips = Object.fromEntries(addresses.map(({ family, ip }) => [family, ip]));
    return pulumi
      .all([this.server.id, this.server.urn, pulumi.output(ips), pulumi.output(volumes)])
      .apply(([id, urn, { ipv4, ipv6 }, numbers]) => ({
        platform: "hetznerVm" as const,
        id,
        ...(ipv4 !== undefined && { ipv4 }),
        ...(ipv6 !== undefined && { ipv6 }),
        location,
        ...(Object.keys(numbers).length > 0 && { volumes: numbers }),
        protected: isMachineLocked(guard),
        urn,
        join: joinCommand({ platform: "hetznerVm", host, at: ipv4 ?? ipv6 ?? id }, this.project.view.environment),
      }));
  }
}
