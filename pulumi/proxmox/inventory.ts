import { loadProxmox } from "../packages.js";

/** What is on Proxmox already, looked up once before anything is made. */

/** Nodes, guests and storages. */
export interface Inventory {
  readonly nodes: readonly string[];
  /** Containers and virtual machines of all nodes. */
  readonly guests: readonly GuestFact[];
  /** Of the nodes that were asked for. */
  readonly storages: readonly StorageFact[];
  /** Images in storages of these nodes, with ids such as `local:vztmpl/NAME`. */
  readonly files: readonly { readonly id: string; readonly nodeName: string }[];
}

export interface GuestFact {
  readonly vmId: number;
  readonly name: string;
  readonly nodeName: string;
  readonly tags: readonly string[];
}

export interface StorageFact {
  readonly id: string;
  readonly nodeName: string;
  /** What may be in it, e.g. `vztmpl`, `import`, `images` and `rootdir`. */
  readonly contentTypes: readonly string[];
}

/**
 * @param nodes the nodes whose storages are wanted; those that do not exist are left out
 * @param stores the storages whose images are wanted
 * @throws what the provider says, e.g. that the credentials are refused
 */
export async function takeInventory(nodes: readonly string[], stores: readonly string[]): Promise<Inventory> {
  const proxmox = loadProxmox();
  const [{ names }, { vms }, { containers }] = await Promise.all([
    proxmox.getNodesLegacy(),
    proxmox.getVmsLegacy({}),
    proxmox.getContainersLegacy({}),
  ]);
  const wanted = nodes.filter((node) => names.includes(node));
  const [storages, files] = await Promise.all([
    Promise.all(wanted.map((nodeName) => proxmox.getDatastoresLegacy({ nodeName }))),
    Promise.all(wanted.flatMap((node) => stores.map((storage) => listFiles(node, storage)))),
  ]);
  return {
    nodes: names,
    guests: [...vms, ...containers],
    storages: storages.flatMap(({ datastores = [] }) => datastores),
    files: files.flat(),
  };
}

async function listFiles(nodeName: string, datastoreId: string): Promise<Inventory["files"]> {
  const { files } = await loadProxmox().getFiles({ nodeName, datastoreId });
  return files.map(({ id }) => ({ id, nodeName }));
}
