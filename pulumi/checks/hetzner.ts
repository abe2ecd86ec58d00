import { suggestName } from "../../generators/load/nearest.js";
import type { Fleet } from "../../generators/model/fleet.js";
import type { Problem, ValuePath } from "../../generators/model/problem.js";
import { addressName, findPrimaryIp, sourceOf } from "../hetzner/addresses.js";
import type { Inventory, PrimaryIpFact, ServerFact, ServerTypeFact } from "../hetzner/inventory.js";
import { isOurs } from "../hetzner/labels.js";
import type { AddressView, CloudView, HetznerView } from "../plan/types.js";
import { checkNames } from "./hetzner-names.js";
import { hostProblem, stackProblem } from "./problem.js";

/** What Hetzner would refuse half-way, and what would replace a machine, found before anything is made. */

/** @param image the stock image of the settings, or null for the snapshot */
export function checkHetzner(fleet: Fleet, view: CloudView, inventory: Inventory, image: string | null): Problem[] {
  const servers = view.machines.filter((machine): machine is HetznerView => machine.platform === "hetznerVm");
  return [
    ...checkImages(inventory, servers, image),
    ...checkNames(fleet, view, inventory),
    ...servers.flatMap((machine) => new ServerCheck(fleet, view, inventory, machine).run()),
  ];
}

/** An image is wanted where a server has to be made. */
function checkImages(inventory: Inventory, servers: readonly HetznerView[], image: string | null): Problem[] {
  const made = servers.filter(
    ({ name, guard }) => guard === "replaced" || !inventory.servers.some((server) => server.name === name),
  );
  const missing = [...new Set(made.map(({ arch }) => arch))].filter((arch) => !inventory.images.has(arch));
  return missing.map((arch) =>
    image === null
      ? stackProblem(
          `no snapshot of the platform's image for ${arch} is at Hetzner`,
          "make one as node_modules/meshflake/docs/install/hetzner.md says, or start from a stock image: pulumi config set meshflake:hetznerImage debian-13",
        )
      : stackProblem(`Hetzner has no image ${image} for ${arch}`, "hcloud image list shows them all"),
  );
}

/** The checks of one server. */
class ServerCheck {
  private readonly existing: ServerFact | undefined;

  constructor(
    private readonly fleet: Fleet,
    private readonly view: CloudView,
    private readonly inventory: Inventory,
    private readonly machine: HetznerView,
  ) {
    this.existing = inventory.servers.find(({ name }) => name === machine.name);
  }

  run(): Problem[] {
    const { existing, view } = this;
    if (existing !== undefined && !isOurs(view, existing.labels)) return [this.taken(existing)];
    return [
      ...this.checkType(),
      ...this.checkMove(),
      ...this.machine.addresses.flatMap((address) => this.checkAddress(address)),
    ];
  }

  private problem(path: ValuePath, message: string, hint: string): Problem {
    return hostProblem(this.fleet, this.machine.host, path, message, hint);
  }

  private taken({ name, id }: ServerFact): Problem {
    const hint = "delete or rename it in Hetzner's console, or let this host have another name";
    return this.problem([], `a server ${name} exists already (${id}), and this stack did not make it`, hint);
  }

  private checkType(): Problem[] {
    const { location, serverType } = this.machine;
    const { locations, serverTypes } = this.inventory;
    const names = locations.map(({ name }) => name);
    if (!names.includes(location))
      return [this.problem(["location"], `Hetzner has no location ${location}`, suggestName(location, names))];
    const type = serverTypes.find(({ name }) => name === serverType);
    if (type === undefined) {
      const hint = suggestName(
        serverType,
        serverTypes.map(({ name }) => name),
      );
      return [this.problem(["serverType"], `Hetzner has no server type ${serverType}`, hint)];
    }
    if (type.locations.includes(location)) return this.checkRescale(type);
    const hint = `it is in ${type.locations.join(", ")}`;
    return [this.problem(["serverType"], `Hetzner has no ${serverType} in ${location}`, hint)];
  }

  /** Hetzner switches a server off before it finds out that it cannot become another type. */
  private checkRescale(type: ServerTypeFact): Problem[] {
    const { existing, machine, inventory } = this;
    if (existing === undefined || machine.guard !== "kept" || existing.serverType === type.name) return [];
    const current = inventory.serverTypes.find(({ name }) => name === existing.serverType);
    const hint = `choose another type, or make the machine anew: meshflake provision --replace ${machine.host}`;
    const refuse = (why: string) => [
      this.problem(
        ["serverType"],
        `its server is a ${existing.serverType} and cannot become a ${type.name}: ${why}`,
        hint,
      ),
    ];
    if (current !== undefined && current.architecture !== type.architecture)
      return refuse(`that is ${type.architecture}, and it is ${current.architecture}`);
    if (type.disk >= existing.primaryDiskSize) return [];
    return refuse(`its disk has ${existing.primaryDiskSize} GB, that type's ${type.disk} GB, and disks do not shrink`);
  }

  /** A server cannot move: it would be made anew. */
  private checkMove(): Problem[] {
    const { existing, machine } = this;
    if (existing === undefined || existing.location === machine.location) return [];
    const where = `its server is in ${existing.location}, and ${machine.location} would replace it`;
    if (machine.volumes.length > 0)
      return [
        this.problem(["location"], `${where}, but volumes cannot move`, "take the volumes out of the host file first"),
      ];
    if (machine.guard !== "kept") return [];
    const hint = `change it back, or make the machine anew: meshflake provision --replace ${machine.host}`;
    return [this.problem(["location"], where, hint)];
  }

  /** The primary IP that the stack made for the server, and that it has. */
  private findOwnIp(address: AddressView): PrimaryIpFact | undefined {
    const { existing, machine, view } = this;
    const isOwn = ({ name, labels, assigneeId }: PrimaryIpFact) =>
      name === addressName(machine, address) && isOurs(view, labels) && assigneeId === existing?.id;
    return this.inventory.primaryIps.find(isOwn);
  }

  private checkAddress(address: AddressView): Problem[] {
    const { family, fixed } = address;
    if (sourceOf(this.view, this.inventory, address).kind === "missing") {
      const hint = `reserve it as a primary IP, or leave address.${family} out, which gives the host a new one`;
      return [this.problem(["address", family], `the project has no primary IP ${fixed}`, hint)];
    }
    const found = findPrimaryIp(this.inventory, address);
    if (found === undefined) return [];
    const own = this.findOwnIp(address);
    if (own !== undefined && own.id !== found.id && this.machine.guard === "kept") {
      const hint = `leave address.${family} out, or make another host for the other address`;
      const what = `its server has ${own.ipAddress}, which this stack made and protects, and ${fixed} would take its place`;
      return [this.problem(["address", family], what, hint)];
    }
    if (found.location !== this.machine.location) {
      const hint = `an address does not move: choose ${found.location} as the location, or another address`;
      return [this.problem(["address", family], `the primary IP ${fixed} is in ${found.location}`, hint)];
    }
    if (found.assigneeId === 0 || found.assigneeId === this.existing?.id) return [];
    const hint = "unassign it there first";
    return [this.problem(["address", family], `the primary IP ${fixed} is server ${found.assigneeId}'s`, hint)];
  }
}
