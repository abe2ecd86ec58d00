import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { UserError } from "../../generators/model/problem.js";
import type { Context } from "../context.js";
import { PROGRAM_FOLDER } from "../init/program.js";

/** Where a stack's outputs come from. */
export interface OutputSource {
  /** A file with what `pulumi stack output --json` prints, or `-` for stdin; otherwise Pulumi is asked. */
  readonly from?: string;
  /** Pulumi's name of the stack. @default the one that is selected */
  readonly stack?: string;
}

/**
 * Reads a stack's outputs as JSON.
 * @throws UserError where they cannot be had
 */
export async function readOutputs(context: Context, { from, stack }: OutputSource): Promise<unknown> {
  if (from === undefined) return parse(await askPulumi(context, stack), "pulumi");
  if (from === "-") return parse(await text(process.stdin), "stdin");
  const file = resolve(context.cwd, from);
  if (existsSync(file)) return parse(readFileSync(file, "utf8"), from);
  throw new UserError(`${from} does not exist`, `${FORMAT}; \`-\` reads it from stdin`, 1);
}

const FORMAT = "it should be what `pulumi stack output --json` prints";

function parse(json: string, source: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new UserError(`${source}: this is no JSON`, FORMAT, 1, { cause: error });
  }
}

/** The folder of the Pulumi program, absolute. @throws UserError where the repository has none */
export function findProgramFolder(root: string): string {
  const folder = join(root, PROGRAM_FOLDER);
  if (existsSync(join(folder, "Pulumi.yaml"))) return folder;
  throw new UserError(
    `the repository has no ${PROGRAM_FOLDER}/Pulumi.yaml`,
    "meshflake init writes one: copy its pulumi/ out of a new repository (node_modules/meshflake/docs/provision.md); meshflake sync --from FILE does without it",
    1,
  );
}

/** How many lines of a failed command's stderr are shown. */
const LINES_SHOWN = 15;

function askPulumi(context: Context, stack: string | undefined): Promise<string> {
  const cwd = findProgramFolder(context.root());
  const args = ["stack", "output", "--json", "--non-interactive", ...(stack === undefined ? [] : ["--stack", stack])];
  context.progress.step(`pulumi ${args.join(" ")}`);
  return new Promise((done, fail) => {
    execFile("pulumi", args, { cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      context.progress.clear();
      if (error === null) done(stdout);
      else fail(describe(error, args, stderr));
    });
  });
}

function describe(error: Error & { readonly code?: unknown }, args: readonly string[], stderr: string): UserError {
  if (error.code === "ENOENT") {
    const hint = "install Pulumi (https://www.pulumi.com/docs/install, nixpkgs: pulumi-bin), or give --from FILE";
    return new UserError("pulumi is not installed", hint, 1, { cause: error });
  }
  const end = stderr.trim().split("\n").slice(-LINES_SHOWN).join("\n");
  const hint = "--stack names the stack: `pulumi stack ls` in pulumi/ lists them";
  return new UserError(`pulumi ${args.join(" ")} failed with exit code ${String(error.code)}:\n${end}`, hint, 1);
}
