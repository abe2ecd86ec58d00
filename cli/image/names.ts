import { listNames, suggestName } from "../../generators/load/nearest.js";
import type { Fleet, Host } from "../../generators/model/fleet.js";
import { UserError } from "../../generators/model/problem.js";
import { ARCHITECTURES, type Architecture } from "../../generators/model/vocabulary.js";
import { systemName } from "../../generators/render/paths.js";

/** Which images the flake has, and under which attributes. */

/** Platforms' own images, with the architectures that they come for, the usual one first; `modules/images` builds them. */
export const PLATFORM_IMAGES = {
  "raspberry-pi-3": ["aarch64"],
  "raspberry-pi-4": ["aarch64"],
  "raspberry-pi-5": ["aarch64"],
  "proxmox-lxc": ["x86_64"],
  "proxmox-vm": ["x86_64", "aarch64"],
  "hetzner-vm": ["x86_64", "aarch64"],
  "contabo-vm": ["x86_64"],
  "bare-metal": ["x86_64", "aarch64"],
} as const satisfies Readonly<Record<string, readonly Architecture[]>>;

export type PlatformImage = keyof typeof PLATFORM_IMAGES;

/** An image that the flake builds. */
export interface ImageTarget {
  readonly kind: "host" | "platform";
  /** The host's or the platform's. */
  readonly name: string;
  readonly arch: Architecture;
  /** Path in the flake. */
  readonly attribute: string;
}

/**
 * The image of a host. `packages` has it too, but Nix would have to look at every host of the fleet to find out which are for
 * this architecture.
 */
export function hostImage(fleet: Pick<Fleet, "environment">, { name, arch }: Pick<Host, "name" | "arch">): ImageTarget {
  const attribute = `nixosConfigurations.${systemName(fleet, name)}.config.system.build.platformImage`;
  return { kind: "host", name, arch, attribute };
}

function isPlatformImage(name: string): name is PlatformImage {
  return Object.hasOwn(PLATFORM_IMAGES, name);
}

function chooseArchitecture(name: string, offered: readonly Architecture[], wanted: string | undefined): Architecture {
  const arch = wanted === undefined ? offered[0] : ARCHITECTURES.find((one) => one === wanted);
  if (arch !== undefined && offered.includes(arch)) return arch;
  throw new UserError(`${name} has no image for ${wanted}`, `it is for ${listNames(offered, "or")}`);
}

/**
 * What `meshflake image NAME` builds. A host goes before a platform that is called like it.
 * @param arch the architecture asked for
 * @throws UserError where nothing has that name, or not for that architecture
 */
export function findImage(
  fleet: Pick<Fleet, "environment" | "hosts">,
  name: string,
  arch: string | undefined,
): ImageTarget {
  const host = fleet.hosts.get(name);
  if (host !== undefined) {
    chooseArchitecture(name, [host.arch], arch);
    return hostImage(fleet, host);
  }
  if (!isPlatformImage(name)) {
    const names = [...fleet.hosts.keys(), ...Object.keys(PLATFORM_IMAGES)];
    throw new UserError(`neither a host nor a platform is named \`${name}\``, suggestName(name, names));
  }
  const chosen = chooseArchitecture(name, PLATFORM_IMAGES[name], arch);
  return { kind: "platform", name, arch: chosen, attribute: `packages.${chosen}-linux.image-${name}` };
}
