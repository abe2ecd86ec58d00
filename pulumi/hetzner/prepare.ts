import type { Fleet } from "../../generators/model/fleet.js";
import { checkHetzner } from "../checks/hetzner.js";
import { HetznerServer } from "../components/hetzner.js";
import { HetznerProject } from "../components/hetzner-project.js";
import type { Provider } from "../machines.js";
import type { CloudView, HetznerView } from "../plan/types.js";
import type { HetznerSettings } from "../settings.js";
import { type Inventory, takeInventory } from "./inventory.js";

/** Looks at what is at Hetzner, and checks the servers against it. */
export async function prepareHetzner(
  fleet: Fleet,
  view: CloudView,
  { image }: HetznerSettings,
): Promise<Provider<HetznerView>> {
  const inventory = await takeInventory(image);
  return {
    problems: checkHetzner(fleet, view, inventory, image),
    interrupted: listRescaled(view, inventory),
    open: () => {
      const project = new HetznerProject(view, inventory);
      return (machine, after) => {
        const options = { dependsOn: [...after] };
        const { output, server } = new HetznerServer(stayPut(machine, inventory), project, options);
        return { output, resource: server };
      };
    },
  };
}

/** Hetzner switches a server off to make it another type. */
export function listRescaled({ machines }: CloudView, { servers }: Inventory): string[] {
  return machines.flatMap((machine) => {
    if (machine.platform !== "hetznerVm" || machine.guard !== "kept") return [];
    const existing = servers.find(({ name }) => name === machine.name);
    return existing === undefined || existing.serverType === machine.serverType ? [] : [machine.host];
  });
}

/** A server that loses its protection moves, or becomes another type, in the next update, and not in the one that unlocks it. */
function stayPut(machine: HetznerView, { servers }: Inventory): HetznerView {
  if (machine.guard !== "machine" && machine.guard !== "data") return machine;
  const { location, serverType } = servers.find(({ name }) => name === machine.name) ?? machine;
  return { ...machine, location, serverType };
}
