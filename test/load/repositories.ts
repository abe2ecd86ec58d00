import { loadRepository } from "../../generators/load/repository.js";
import { locateProblems } from "../../generators/load/source/locate.js";
import type { Problem } from "../../generators/model/problem.js";
import { validateSchemas } from "../../generators/validate/schema.js";
import { put, withFolder } from "../tree/temp.js";

/** Small repositories on disk, and what is wrong with them. */

/** Files of a repository by path. */
export type Files = Readonly<Record<string, string>>;

/** A fleet file without mistakes. */
export const FLEET = `import { defineFleet } from "meshflake";

export default defineFleet({
  name: "cats",
  domain: "cats.example.org",
  admins: {},
  sites: { home: { ipv4: "cgnat", ipv6: "public" } },
  mesh: { ipv4: "10.10.0.0/16" },
});
`;

/** A host file without mistakes. */
export const HOST = `import fleet from "./fleet";

export default fleet.raspberryPi({ site: "home", model: 4 });
`;

/** Writes a repository, hands its folder to `work`, and removes it. */
export function withRepository(files: Files, work: (root: string) => Promise<void>): Promise<void> {
  return withFolder(async (root) => {
    for (const [path, text] of Object.entries(files)) put(root, path, text);
    await work(root);
  });
}

/** Loads and validates a repository. @returns what is wrong, located */
export async function findProblems(root: string, environment?: string): Promise<Problem[]> {
  const repository = await loadRepository(root, environment === undefined ? {} : { environment });
  return locateProblems([...repository.problems, ...validateSchemas(repository).problems], root);
}

/** A problem on one line: `FILE:LINE:COLUMN CODE PATH: MESSAGE`. */
export function printProblem({ origins, line, column, code, message }: Problem): string {
  const [origin] = origins;
  const path = origin === undefined || origin.path.length === 0 ? "" : ` ${origin.path.join(".")}`;
  return `${origin?.file}:${line}:${column} ${code}${path}: ${message}`;
}

/** Problems of a repository that exists for one assertion, sorted. */
export async function problemsOf(files: Files, environment?: string): Promise<string[]> {
  let found: string[] = [];
  await withRepository(files, async (root) => {
    found = (await findProblems(root, environment)).map(printProblem).sort();
  });
  return found;
}
