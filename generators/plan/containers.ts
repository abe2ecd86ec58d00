import { DOCKER_BRIDGE } from "../model/daemons.js";
import type { Host } from "../model/fleet.js";
import type { ContainersPlan } from "./types.js";

/** @param mtu the mesh's */
export function planContainers(host: Host, mtu: number): ContainersPlan | null {
  if (host.nomad?.client !== true) return null;
  return { docker: host.nomad.drivers.includes("docker"), mtu, bridgeAddress: DOCKER_BRIDGE };
}
