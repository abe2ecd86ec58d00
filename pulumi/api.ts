/** `meshflake/pulumi`: the program, and its parts for a program of one's own. */

export { ContaboMachine, ContaboResource } from "./components/contabo.js";
export { HetznerServer } from "./components/hetzner.js";
export { HetznerProject } from "./components/hetzner-project.js";
export { ProxmoxContainer, type ProxmoxProject, ProxmoxVm } from "./components/proxmox.js";
export { ProxmoxImages } from "./components/proxmox-images.js";
export { CloudflareZone, HetznerZone } from "./components/zone.js";
export { type HostOutput, OUTPUT_NAME, OUTPUTS_VERSION, type StackOutputs } from "./outputs.js";
export type * from "./plan/types.js";
export { type ViewOptions, viewCloud } from "./plan/view.js";
export { type DeployOptions, deployFleet, type FleetOutputs } from "./program.js";
export { type HostRecord, listRecords } from "./zone/records.js";
