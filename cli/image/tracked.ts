import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Fleet } from "../../generators/model/fleet.js";
import { UserError } from "../../generators/model/problem.js";
import { ENVIRONMENTS, secretsFolder } from "../../generators/model/secrets.js";
import { treeFolder } from "../../generators/render/paths.js";
import { isPending, prepareGeneration } from "../generate/generation.js";
import { describeTarget, type Target } from "../targets/targets.js";
import { count } from "../terminal/words.js";
import type { ImageTarget } from "./names.js";

/** A flake in a git repository has the files that git knows, and no others. */

const SHARED = ["flake.nix", "flake.lock", "modules/images", "modules/platforms", "modules/services"];

/** Files below `paths` that git does not know; none where there is no repository, as Nix takes all files then. */
function listUntracked(root: string, paths: readonly string[]): string[] {
  try {
    const args = ["ls-files", "-z", "--others", "--exclude-standard", "--", ...paths];
    const out = execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return out.split("\0").filter((path) => path !== "");
  } catch {
    return [];
  }
}

/**
 * Makes sure that Nix builds what the host files say: from files that git knows, and that are up to date.
 * @throws UserError where `generate` was not run since, or git does not know what it made
 * @throws FleetError where secrets are missing or damaged
 */
export async function requireBuildable(root: string, target: Target, image: ImageTarget): Promise<void> {
  requireTracked(root, target.plan.fleet, image);
  const generation = await prepareGeneration(root, target, false);
  if (!isPending(generation)) return;
  throw new UserError(
    `what is generated for ${describeTarget(target)} is not what the host files say, and Nix would build the old state`,
    "meshflake diff shows the difference; run meshflake generate, then git add --all",
    1,
  );
}

/**
 * Makes sure that Nix finds what an image is made of, which would fail with words that lead nowhere otherwise.
 * @throws UserError where it was not generated, or git does not know it yet
 */
function requireTracked(root: string, fleet: Pick<Fleet, "environment">, { kind, name }: ImageTarget): void {
  const tree = treeFolder(fleet);
  const own = kind === "host" ? `${tree}/${name}` : `${tree}/admins.nix`;
  if (!existsSync(join(root, own))) {
    throw new UserError(`${own} is missing`, "run meshflake generate, then git add --all", 1);
  }
  // Machines of one tree refer to each other, and to shared secrets.
  const secrets = secretsFolder(fleet.environment);
  const others = `:(exclude)${secrets}/${ENVIRONMENTS}`;
  const untracked = listUntracked(root, [tree, secrets, others, ...SHARED]);
  const [first] = untracked;
  if (first === undefined) return;
  const all = untracked.length === 1 ? first : `${count(untracked.length, "file")}, such as ${first}`;
  throw new UserError(`git does not know ${all}, and Nix builds what git knows`, "git add --all", 1);
}
