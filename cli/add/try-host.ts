import { type CompileOptions, compileFleet } from "../../generators/compile.js";
import type { LoadedFile } from "../../generators/model/inputs.js";
import { FleetError, type Problem } from "../../generators/model/problem.js";

/** What a new host would bring, before its file is written. */
export interface Trial {
  /** What is wrong with the host, and what is wrong elsewhere because of it. */
  readonly problems: readonly Problem[];
  /** Whether it cannot stay like this: an error of its own, or one of another host that is right without it. */
  readonly refused: boolean;
}

async function findProblems(root: string, options: CompileOptions): Promise<readonly Problem[]> {
  try {
    return (await compileFleet(root, options)).problems;
  } catch (error) {
    if (error instanceof FleetError) return error.problems;
    throw error;
  }
}

function keyOf({ code, origins, message }: Problem): string {
  return JSON.stringify([code, origins[0], message]);
}

function isError({ severity }: Problem): boolean {
  return severity === "error";
}

/**
 * Compiles the fleet with a host that has no file yet, as far as the fleet can be checked. Where other hosts have errors, nothing
 * can be said about their part: the new one may be what mends them.
 * @param host its file is where it is going to be
 */
export async function tryHost(root: string, host: LoadedFile<unknown>): Promise<Trial> {
  const before = await findProblems(root, {});
  const known = new Set(before.map(keyOf));
  const settled = !before.some(isError);
  const isOwn = ({ origins }: Problem) => origins[0]?.file === host.file;
  const found = await findProblems(root, { added: host });
  const problems = found.filter((problem) => isOwn(problem) || (settled && !known.has(keyOf(problem))));
  // The fleet's own errors may want more hosts, or one of its lines: those of a host tell of a collision.
  const isHosts = ({ origins }: Problem) => !/^hosts\/fleet\./.test(origins[0]?.file ?? "");
  return { problems, refused: problems.some((problem) => isError(problem) && (isOwn(problem) || isHosts(problem))) };
}
