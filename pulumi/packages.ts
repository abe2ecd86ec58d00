import { createRequire } from "node:module";
import type * as Proxmox from "@muhlba91/pulumi-proxmoxve";
import type * as Cloudflare from "@pulumi/cloudflare";
import type * as Hcloud from "@pulumi/hcloud";
import { errorCode } from "../generators/tree/paths.js";

/**
 * Packages of providers, each loaded when the first of its resources is made, so that a fleet needs none of a provider where it has no
 * host. They are CommonJS and load their classes one by one when these are used; an `import` would ask for all of them at once, which
 * takes a second for Cloudflare's.
 */

const load = createRequire(import.meta.url);

/** Hetzner's. */
export function loadHcloud(): typeof Hcloud {
  return load("@pulumi/hcloud");
}

/** Proxmox's. */
export function loadProxmox(): typeof Proxmox {
  return load("@muhlba91/pulumi-proxmoxve");
}

/** Cloudflare's, which only fleets with a zone there install. @returns null where it is not installed */
export function loadCloudflare(): typeof Cloudflare | null {
  try {
    return load("@pulumi/cloudflare");
  } catch (error) {
    if (errorCode(error) !== "MODULE_NOT_FOUND") throw error;
    return null;
  }
}
