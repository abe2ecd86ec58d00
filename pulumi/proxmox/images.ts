import { createHash } from "node:crypto";
import { createReadStream, existsSync, realpathSync } from "node:fs";
import { basename, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ContainerView, VmView } from "../plan/types.js";

/** Which image a guest starts from, and in which version. */

/** What Proxmox calls the two kinds. */
export type ContentType = "vztmpl" | "import";

/** An image of the stack's settings. */
export type ImageSource =
  /** A file that is uploaded, under a name of its version, so that a new version is a new file. */
  | { readonly kind: "file"; readonly path: string; readonly fileName: string; readonly contentType: ContentType }
  /** On the node already, as `STORAGE:TYPE/NAME`. */
  | { readonly kind: "uploaded"; readonly id: string }
  /** The settings name a file that is not there, or none at all. */
  | { readonly kind: "missing"; readonly path: string | null };

/** The image's name for `meshflake image`, and in the stack's settings. */
export function imageName(guest: Pick<ContainerView, "platform"> | Pick<VmView, "platform" | "arch">): string {
  if (guest.platform === "proxmoxLxc") return "proxmox-lxc";
  return guest.arch === "x86_64" ? "proxmox-vm" : `proxmox-vm-${guest.arch}`;
}

const UPLOADED = /^[\w-]+:(?:vztmpl|import|iso)\/.+$/;

/** The storage that an image is in. */
export function storageOf(id: string): string {
  return id.slice(0, id.indexOf(":"));
}

/**
 * @param name see {@link imageName}
 * @param setting what the stack's settings say about it
 * @param folder that paths in the settings start from
 */
export async function findImage(name: string, setting: string | undefined, folder: string): Promise<ImageSource> {
  if (setting === undefined) return { kind: "missing", path: null };
  if (UPLOADED.test(setting)) return { kind: "uploaded", id: setting };
  const path = resolve(folder, setting);
  if (!existsSync(path)) return { kind: "missing", path: setting };
  const [, ending = ""] = /((?:\.tar)?\.\w+)$/.exec(basename(path)) ?? [];
  const fileName = `meshflake-${name}-${await versionOf(path)}${ending}`;
  return { kind: "file", path, fileName, contentType: name === "proxmox-lxc" ? "vztmpl" : "import" };
}

/** Nix has hashed what it built; the content of anything else is hashed here. 12 characters tell any two versions apart. */
async function versionOf(path: string): Promise<string> {
  const [, stored] = /^\/nix\/store\/([0-9a-z]{32})-/.exec(realpathSync(path)) ?? [];
  if (stored !== undefined) return stored.slice(0, 12);
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex").slice(0, 12);
}
