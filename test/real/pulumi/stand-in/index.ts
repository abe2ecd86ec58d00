import { CLOUDFLARE } from "./cloudflare.js";
import { HCLOUD } from "./hcloud.js";
import type { StandIn } from "./provider.js";
import { PROXMOXVE } from "./proxmoxve.js";

/** The stand-ins, by the providers' names. */
export const STAND_INS = {
  hcloud: HCLOUD,
  proxmoxve: PROXMOXVE,
  cloudflare: CLOUDFLARE,
} as const satisfies Readonly<Record<string, StandIn>>;

export type StandInName = keyof typeof STAND_INS;
