import type { Host } from "../model/fleet.js";
import type { ContainersPlan } from "./types.js";

/** Docker's default bridge: its gateway is the host, as containers see it. */
export const DOCKER_BRIDGE = "172.17.0.1";
export const DOCKER_NETWORK = "172.17.0.0/16";
/** Nomad's default `bridge_network_subnet`. */
export const NOMAD_NETWORK = "172.26.64.0/20";

/** @param mtu the mesh's */
export function planContainers(host: Host, mtu: number): ContainersPlan | null {
  if (host.nomad?.client !== true) return null;
  return { docker: host.nomad.drivers.includes("docker"), mtu, bridgeAddress: DOCKER_BRIDGE };
}
