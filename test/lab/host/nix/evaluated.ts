import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { makeFolder, PACKAGE } from "../../../cli/process.js";
import { findTool } from "../../../services/machine.js";

/** Where NixOS's facts come from: a file that somebody made before, or Nix, where it is installed. */

/** Hosts that have between them what the reference fleet has: a server that is a relay, and a Pi behind CGNAT. */
const SOME = ".:bianco,cosmo";
const FEATURES = ["--extra-experimental-features", "nix-command flakes"];

/** @returns the file, or why there is none @throws Error where Nix evaluates a host and fails */
export function findFacts(): { readonly file: string } | { readonly why: string } {
  const given = process.env.MESHFLAKE_NIXOS_FACTS ?? "";
  if (given !== "") return { file: given };
  const nix = findTool("nix");
  if (nix === null)
    return { why: "no Nix is installed, and MESHFLAKE_NIXOS_FACTS names no file of scripts/lab-facts.mjs" };
  // No test fetches anything.
  const inputs = spawnSync(nix, ["flake", "archive", ...FEATURES, "--offline", "--dry-run", PACKAGE], {
    stdio: "ignore",
  });
  if (inputs.status !== 0) return { why: "the flake's inputs are not in Nix's store: nix flake archive fetches them" };
  const file = join(makeFolder(), "facts.json");
  const script = join(PACKAGE, "scripts/lab-facts.mjs");
  const { status, stderr } = spawnSync(process.execPath, [script, nix, file, SOME], { encoding: "utf8" });
  if (status !== 0) throw new Error(`Nix does not evaluate ${SOME}: ${stderr}`);
  return { file };
}
