import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "../../generators/model/problem.js";
import type { Context } from "../context.js";
import { requirePrograms } from "../machines/programs.js";
import type { ImageTarget } from "./names.js";

/** Runs `nix build`, which does all of the work. */

const INSTALL_NIX =
  "install Nix 2.18 or newer (https://nixos.org/download, or Debian's nix-setup-systemd); on a Mac it needs a Linux builder too";

/** For whom Nix's configuration has not switched them on. */
const FEATURES = ["--extra-experimental-features", "nix-command flakes"];

export interface BuiltImage {
  /** The image's file, absolute. */
  readonly file: string;
  readonly bytes: number;
  /** A link to the build's folder, which keeps Nix from collecting it; absolute. */
  readonly link: string;
}

/** @throws UserError where Nix is not installed */
export function requireNix(): void {
  requirePrograms({ nix: INSTALL_NIX });
}

/** Runs Nix with its own progress on stderr. @returns what it printed to stdout, or null where it failed */
function runNix(root: string, args: readonly string[]): Promise<string | null> {
  return new Promise((done, reject) => {
    const child = spawn("nix", [...FEATURES, ...args], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
    child.on("error", reject);
    child.on("close", (code) => done(code === 0 ? printed.trim() : null));
  });
}

const NODE_ARCHITECTURES: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

/** What may be missing on this machine; Nix has said why it failed. */
function explainFailure({ name, arch }: ImageTarget): string {
  if (process.platform !== "linux") {
    return `Linux's images need a builder: nix.linux-builder.enable = true in nix-darwin, or a machine in nix.buildMachines (${arch}-linux)`;
  }
  const own = NODE_ARCHITECTURES[process.arch] ?? process.arch;
  if (own !== arch) {
    return `${name} is ${arch} and this machine ${own}: build on a machine of that kind (nix.buildMachines), or let this one emulate it: boot.binfmt.emulatedSystems = [ "${arch}-linux" ] on NixOS, qemu-user-static and extra-platforms = ${arch}-linux in nix.conf elsewhere`;
  }
  return "if Nix asks for the feature `kvm`: images of disks are made in a virtual machine, so the builder needs /dev/kvm";
}

/**
 * Builds an image.
 * @param link where the link to the result goes, from the folder that the command was started in
 * @throws UserError where Nix is missing or fails; it says itself why
 */
export async function buildImage(context: Context, target: ImageTarget, link: string): Promise<BuiltImage> {
  requireNix();
  const root = context.root();
  const path = resolve(context.cwd, link);
  const attribute = `.#${target.attribute}`;
  const fail = (what: string) => new UserError(`nix could not ${what}`, explainFailure(target), 1);
  context.progress.note(`nix build ${attribute}`);
  const output = await runNix(root, ["build", "--print-out-paths", "--out-link", path, attribute]);
  if (output === null) throw fail(`build the image of ${target.name}`);
  const inside = await runNix(root, ["eval", "--raw", `${attribute}.passthru.filePath`]);
  if (inside === null) throw fail(`say which file of ${output} is the image`);
  const file = join(output, inside);
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) throw new UserError(`${file} is not there: the build made no such file`, undefined, 1);
  return { file, bytes: stats.size, link: path };
}
