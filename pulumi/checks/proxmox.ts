import { suggestName } from "../../generators/load/nearest.js";
import type { Fleet } from "../../generators/model/fleet.js";
import type { Problem } from "../../generators/model/problem.js";
import type { CloudView, ContainerView, VmView } from "../plan/types.js";
import { type ImageSource, imageName } from "../proxmox/images.js";
import type { GuestFact, Inventory } from "../proxmox/inventory.js";
import { isOurs } from "../proxmox/tags.js";
import type { ProxmoxSettings } from "../settings.js";
import { hostProblem, stackProblem } from "./problem.js";

/** What Proxmox would refuse half-way, and what would replace a machine, found before anything is made. */

type Guest = ContainerView | VmView;

/** @param images where each image comes from, by its name */
export function checkProxmox(
  fleet: Fleet,
  view: CloudView,
  inventory: Inventory,
  settings: ProxmoxSettings,
  images: ReadonlyMap<string, ImageSource>,
): Problem[] {
  const guests = guestsOf(view);
  return [
    ...guests.flatMap((guest) => checkGuest(fleet, view, inventory, guest)),
    ...checkStorages(inventory, settings, guests),
    ...checkImages(view, inventory, images, guests),
  ];
}

/** The stack's guests on Proxmox. */
export function guestsOf({ machines }: CloudView): Guest[] {
  return machines.filter((machine): machine is Guest => "vmId" in machine);
}

function checkGuest(fleet: Fleet, view: CloudView, inventory: Inventory, guest: Guest): Problem[] {
  const { host, node, vmId } = guest;
  if (!inventory.nodes.includes(node))
    return [hostProblem(fleet, host, ["node"], `Proxmox has no node ${node}`, suggestName(node, inventory.nodes))];
  const taken = inventory.guests.find((other) => other.vmId === vmId);
  if (taken !== undefined && (taken.name !== guest.name || !isOurs(view, taken.tags))) {
    const message = `the number ${vmId} is taken by ${taken.name} on ${taken.nodeName}, which this stack did not make`;
    return [hostProblem(fleet, host, ["vmId"], message, "choose another one, or leave it to Proxmox")];
  }
  return [...checkMove(fleet, guest, existing(view, inventory, guest)), ...checkVolumes(fleet, guest)];
}

/** The guest as it is, whatever its number and its node. */
function existing(view: CloudView, { guests }: Inventory, { name }: Guest): GuestFact | undefined {
  return guests.find((guest) => guest.name === name && isOurs(view, guest.tags));
}

/** A container cannot move, and nothing changes its number: it would be made anew. A virtual machine migrates. */
function checkMove(
  fleet: Fleet,
  { host, guard, platform, node, vmId }: Guest,
  found: GuestFact | undefined,
): Problem[] {
  if (found === undefined || guard !== "kept") return [];
  const hint = `change it back, or make the machine anew: meshflake provision --replace ${host}`;
  if (platform === "proxmoxLxc" && found.nodeName !== node)
    return [
      hostProblem(fleet, host, ["node"], `its container is on ${found.nodeName}, and ${node} would replace it`, hint),
    ];
  if (vmId === null || found.vmId === vmId) return [];
  return [hostProblem(fleet, host, ["vmId"], `its number is ${found.vmId}, and ${vmId} would replace it`, hint)];
}

/** Proxmox deletes a container's volumes with it. */
function checkVolumes(fleet: Fleet, guest: Guest): Problem[] {
  if (guest.platform !== "proxmoxLxc" || guest.guard === "kept" || guest.guard === "data") return [];
  const volumes = guest.mounts.filter(({ size }) => size !== null).map(({ path }) => path);
  if (volumes.length === 0) return [];
  const hint = `back them up; then meshflake remove ${guest.host} --with-data deletes them with the container`;
  const message = `Proxmox would delete its volumes at ${volumes.join(", ")} as well`;
  return [hostProblem(fleet, guest.host, ["mounts"], message, hint)];
}

/** Disks and images need storages that take them, on every node. */
function checkStorages(inventory: Inventory, settings: ProxmoxSettings, guests: readonly Guest[]): Problem[] {
  const wanted = guests
    .filter(({ node }) => inventory.nodes.includes(node))
    .flatMap(({ platform, node }) => [
      { node, id: settings.storage, content: platform === "proxmoxLxc" ? "rootdir" : "images", key: "proxmoxStorage" },
      {
        node,
        id: settings.imageStorage,
        content: platform === "proxmoxLxc" ? "vztmpl" : "import",
        key: "proxmoxImageStorage",
      },
    ]);
  const unique = new Map(wanted.map((one) => [JSON.stringify(one), one]));
  return [...unique.values()].flatMap(({ node, id, content, key }) => {
    const storages = inventory.storages.filter(({ nodeName }) => nodeName === node);
    if (storages.some((storage) => storage.id === id && storage.contentTypes.includes(content))) return [];
    const able = storages.filter(({ contentTypes }) => contentTypes.includes(content)).map((storage) => storage.id);
    const hint =
      able.length > 0
        ? `pulumi config set meshflake:${key} ${able[0]}`
        : `allow ${content} for one of its storages (Datacenter, Storage)`;
    return [stackProblem(`the node ${node} has no storage ${id} for ${content}`, hint)];
  });
}

/** An image is wanted where a guest has to be made. */
function checkImages(
  view: CloudView,
  inventory: Inventory,
  images: ReadonlyMap<string, ImageSource>,
  guests: readonly Guest[],
): Problem[] {
  const made = guests.filter((guest) => guest.guard === "replaced" || existing(view, inventory, guest) === undefined);
  const wanted = new Map(made.map((guest) => [`${guest.node} ${imageName(guest)}`, guest]));
  return [...wanted.values()].flatMap((guest) => checkImage(inventory, images, guest.node, imageName(guest)));
}

function checkImage(
  { files }: Inventory,
  images: ReadonlyMap<string, ImageSource>,
  node: string,
  name: string,
): Problem[] {
  const source = images.get(name) ?? { kind: "missing", path: null };
  const build = `meshflake image ${name.replace(/-aarch64$/, " --arch aarch64")}`;
  const hint = `build it with ${build}, then pulumi config set --path 'meshflake:proxmoxImages.${name}' PATH`;
  switch (source.kind) {
    case "file":
      return [];
    case "missing":
      return [
        stackProblem(
          source.path === null ? `the settings name no image ${name}` : `the image ${name} is not at ${source.path}`,
          hint,
        ),
      ];
    case "uploaded":
      return files.some(({ id, nodeName }) => id === source.id && nodeName === node)
        ? []
        : [stackProblem(`the node ${node} has no ${source.id}`, hint)];
    default:
      return source satisfies never;
  }
}
