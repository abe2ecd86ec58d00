import * as pulumi from "@pulumi/pulumi";
import type { Fleet } from "../../generators/model/fleet.js";
import { checkProxmox, guestsOf } from "../checks/proxmox.js";
import { ProxmoxContainer, ProxmoxVm } from "../components/proxmox.js";
import { ProxmoxImages } from "../components/proxmox-images.js";
import type { Provider } from "../machines.js";
import type { CloudView, ContainerView, VmView } from "../plan/types.js";
import type { ProxmoxSettings } from "../settings.js";
import { findImage, type ImageSource, imageName, storageOf } from "./images.js";
import { type Inventory, takeInventory } from "./inventory.js";
import { isOurs } from "./tags.js";

/** Looks at what is on Proxmox, and checks the guests against it. */
export async function prepareProxmox(
  fleet: Fleet,
  view: CloudView,
  settings: ProxmoxSettings,
): Promise<Provider<ContainerView | VmView>> {
  const guests = guestsOf(view);
  const images = await findImages([...new Set(guests.map(imageName))], settings);
  const stores = [...images.values()].flatMap((source) => (source.kind === "uploaded" ? storageOf(source.id) : []));
  const inventory = await takeInventory([...new Set(guests.map(({ node }) => node))], [...new Set(stores)]);
  return {
    problems: checkProxmox(fleet, view, inventory, settings, images),
    interrupted: [],
    open: () => {
      for (const guest of guests) sayWhatNeedsRoot(guest);
      const project = {
        view,
        images: new ProxmoxImages(view, images, settings.imageStorage),
        storage: settings.storage,
      };
      return (machine, after) => {
        const options = { dependsOn: [...after] };
        const place = placeOf(view, machine, inventory);
        if (machine.platform === "proxmoxLxc") {
          const { output, container } = new ProxmoxContainer({ ...machine, ...place }, project, options);
          return { output, resource: container };
        }
        const { output, vm } = new ProxmoxVm({ ...machine, ...place }, project, options);
        return { output, resource: vm };
      };
    },
  };
}

async function findImages(names: readonly string[], { images }: ProxmoxSettings): Promise<Map<string, ImageSource>> {
  const folder = pulumi.getRootDirectory();
  const found = names.map(async (name) => [name, await findImage(name, images[name], folder)] as const);
  return new Map(await Promise.all(found));
}

/** The host file asks for it, and Proxmox's own error would not say why. */
function sayWhatNeedsRoot({ host, needsRoot }: ContainerView | VmView): void {
  if (needsRoot.length > 0) void pulumi.log.info(`${host}: ${needsRoot.join(", ")} needs root@pam on Proxmox`);
}

/** A guest that loses its protection gets its new node or number in the next update, and not in the one that unlocks it. */
function placeOf(
  view: CloudView,
  machine: ContainerView | VmView,
  { guests }: Inventory,
): { node?: string; vmId?: number } {
  if (machine.guard !== "machine" && machine.guard !== "data") return {};
  const found = guests.find(({ name, tags }) => name === machine.name && isOurs(view, tags));
  return found === undefined ? {} : { node: found.nodeName, ...(machine.vmId !== null && { vmId: found.vmId }) };
}
