import { findProgram } from "../../generators/machine/programs.js";
import { UserError } from "../../generators/model/problem.js";

/** How nixos-anywhere is run. */

/** The version that was read for how it calls ssh; https://github.com/nix-community/nixos-anywhere */
const FLAKE = "github:nix-community/nixos-anywhere/1.13.0";

/** What meshflake gives by itself; a second value would go around it. */
const OWN = new Set([
  ...["-f", "--flake", "-s", "--store-paths", "--target-host", "--extra-files"],
  ...["-p", "--ssh-port", "--ssh-option", "--vm-test"],
]);

/**
 * The command that is on this machine.
 * @throws UserError where there is neither nixos-anywhere nor Nix
 */
export function findNixosAnywhere(): readonly string[] {
  if (findProgram("nixos-anywhere") !== null) return ["nixos-anywhere"];
  if (findProgram("nix") !== null) {
    return ["nix", "--extra-experimental-features", "nix-command flakes", "run", FLAKE, "--"];
  }
  throw new UserError(
    "neither nixos-anywhere nor nix is installed",
    "install Nix (https://nixos.org/download), which then fetches nixos-anywhere by itself",
    1,
  );
}

/** @throws UserError where an argument takes the place of one of ours */
export function checkExtra(extra: readonly string[]): void {
  const own = extra.find((argument) => OWN.has(argument));
  if (own === undefined) return;
  throw new UserError(
    `${own} is meshflake's to give to nixos-anywhere`,
    "see meshflake install --help for what can be chosen",
  );
}

export interface Installation {
  /** The system's name in the flake. */
  readonly system: string;
  /** What nixos-anywhere calls the machine. */
  readonly alias: string;
  readonly user: string;
  readonly port: number;
  /** The folder with the identity, as on the machine. */
  readonly files: string;
  readonly sshOption: string;
  readonly extra: readonly string[];
}

/** The whole command, to be run in the repository. */
export function installCommand(program: readonly string[], installation: Installation): string[] {
  const { system, alias, user, port, files, sshOption, extra } = installation;
  return [
    ...program,
    ...["--flake", `.#${system}`, "--target-host", `${user}@${alias}`, "--ssh-port", String(port)],
    ...["--extra-files", files, "--ssh-option", sshOption],
    ...extra,
  ];
}
