import { existsSync } from "node:fs";
import type { Cloud, Properties } from "./cloud.js";
import type { Behaviour, StandIn } from "./provider.js";

/** Proxmox, as far as its provider shows it: the nodes of all examples, their storages, and guests that have one number each. */

const NODES = ["laptop", "pve", "pve1", "pve2"];
const STORAGES = [
  { id: "local", contentTypes: ["vztmpl", "import", "iso"] },
  { id: "local-lvm", contentTypes: ["images", "rootdir"] },
];

const CONTAINER = "proxmoxve:index/containerLegacy:ContainerLegacy";
const VM = "proxmoxve:index/vmLegacy:VmLegacy";
const FILE = "proxmoxve:index/fileLegacy:FileLegacy";
/** A guest that nobody made with Pulumi. */
const FOREIGN = "guest";

function isTaken(cloud: Cloud, vmId: unknown): boolean {
  return [CONTAINER, VM, FOREIGN].some((type) => cloud.list(type).some(({ properties }) => properties.vmId === vmId));
}

/** The lowest number that is free, as Proxmox chooses it. */
function chooseId(cloud: Cloud): number {
  let id = 100;
  while (isTaken(cloud, id)) id++;
  return id;
}

function hasFile(cloud: Cloud, nodeName: unknown, id: unknown): boolean {
  return cloud.list(FILE).some((file) => file.id === id && file.properties.nodeName === nodeName);
}

function guest(imageOf: (inputs: Properties) => unknown): Pick<Behaviour, "idOf" | "make" | "isMachine"> {
  return {
    isMachine: true,
    idOf: ({ vmId }, cloud) => String(vmId ?? chooseId(cloud)),
    make: (inputs, cloud) => {
      if (isTaken(cloud, inputs.vmId)) throw new Error(`guest ${inputs.vmId} already exists`);
      const image = imageOf(inputs);
      if (!hasFile(cloud, inputs.nodeName, image)) throw new Error(`volume ${image} does not exist`);
      return { vmId: inputs.vmId ?? chooseId(cloud) };
    },
  };
}

function templateOf({ operatingSystem }: Properties): unknown {
  return (operatingSystem as Properties | undefined)?.templateFileId;
}

function diskImageOf({ disks }: Properties): unknown {
  return (disks as readonly Properties[] | undefined)?.[0]?.importFrom;
}

const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  [FILE]: {
    replaces: ["nodeName", "datastoreId", "contentType", "sourceFile"],
    idOf: ({ datastoreId, contentType, sourceFile }) =>
      `${datastoreId}:${contentType}/${(sourceFile as Properties).fileName}`,
    make: ({ sourceFile }) => {
      const { path } = sourceFile as Properties;
      if (!existsSync(String(path))) throw new Error(`${path} does not exist`);
      return {};
    },
  },
  [CONTAINER]: {
    replaces: ["nodeName", "vmId", "operatingSystem", "initialization", "unprivileged"],
    ...guest(templateOf),
  },
  // `migrate` makes another node an update.
  [VM]: { replaces: ["vmId"], ...guest(diskImageOf) },
};

function listGuests(types: readonly string[], key: string): StandIn["invokes"][string] {
  return (_args, cloud) => ({
    id: "all",
    [key]: types.flatMap((type) =>
      cloud.list(type).map(({ properties }) => ({
        vmId: properties.vmId,
        name: properties.name ?? (properties.initialization as Properties | undefined)?.hostname,
        nodeName: properties.nodeName,
        tags: properties.tags ?? [],
      })),
    ),
  });
}

export const PROXMOXVE: StandIn = {
  npm: "@muhlba91/pulumi-proxmoxve",
  version: "8.6.0",
  behaviours: BEHAVIOURS,
  invokes: {
    "proxmoxve:index/getNodesLegacy:getNodesLegacy": () => ({ id: "all", names: NODES }),
    "proxmoxve:index/getVmsLegacy:getVmsLegacy": listGuests([VM, FOREIGN], "vms"),
    "proxmoxve:index/getContainersLegacy:getContainersLegacy": listGuests([CONTAINER], "containers"),
    "proxmoxve:index/getDatastoresLegacy:getDatastoresLegacy": ({ nodeName }) => ({
      nodeName,
      datastores: STORAGES.map((storage) => ({ ...storage, nodeName, type: "dir" })),
    }),
    "proxmoxve:index/getFiles:getFiles": ({ nodeName, datastoreId }, cloud) => ({
      nodeName,
      datastoreId,
      files: cloud
        .list(FILE)
        .filter(({ properties }) => properties.nodeName === nodeName)
        .map(({ id }) => ({ id })),
    }),
  },
};
