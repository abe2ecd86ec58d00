import { execFileSync } from "node:child_process";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { GITATTRIBUTES } from "../../../cli/init/project.js";
import { put } from "../../tree/temp.js";
import { cleanEnv, copyReference, makeFolder, type Run, runCli } from "../process.js";
import { edit, type Key, makeKey, pipeCli, setAdmins } from "../secrets/fleet.js";
import { AUTHOR } from "./people.js";

/** Two people with a clone each of a fleet, an admin's key each, and git between them. */

export interface Person {
  readonly root: string;
  readonly key: Key;
  /** Runs `meshflake ARGS` with the person's key. */
  readonly run: (...args: readonly string[]) => Promise<Run>;
  /** The same, which has to exit with 0. */
  readonly done: (...args: readonly string[]) => Promise<Run>;
  /** The same, with this on stdin. */
  readonly pipe: (input: string, ...args: readonly string[]) => void;
  /** Commits everything. */
  readonly commit: (message: string) => void;
  /** Merges what another person did. @returns files that git could not merge */
  readonly merge: (other: Person) => readonly string[];
  /** @returns what git prints @throws where it fails */
  readonly git: (...args: readonly string[]) => string;
}

function runGit(root: string, ...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: root, env: cleanEnv(AUTHOR), encoding: "utf8", stdio: "pipe" });
}

function makePerson(root: string, key: Key): Person {
  const git = (...args: readonly string[]) => runGit(root, ...args);
  const run = (...args: readonly string[]) => runCli(args, { cwd: root, env: { MESHFLAKE_IDENTITY: key.file } });
  return {
    ...{ root, key, git, run },
    done: async (...args) => {
      const result = await run(...args);
      assert.is(result.code, 0, `meshflake ${args.join(" ")}: ${result.stdout}${result.stderr}`);
      return result;
    },
    pipe: (input, ...args) => {
      const { code, stderr } = pipeCli(input, args, root, {});
      assert.is(code, 0, stderr);
    },
    commit: (message) => {
      git("add", "--all");
      git("commit", "--quiet", "--allow-empty", `--message=${message}`);
    },
    merge: (other) => {
      git("fetch", "--quiet", other.root, "main");
      try {
        git("merge", "--quiet", "--no-edit", "FETCH_HEAD");
      } catch {
        // With conflicts, which are what follows.
      }
      const names = git("diff", "--name-only", "--diff-filter=U").trim().split("\n");
      return names.filter((name) => name !== "");
    },
  };
}

export interface Team {
  readonly ann: Person;
  readonly bob: Person;
}

let generated: Promise<{ readonly root: string; readonly keys: Readonly<Record<keyof Team, Key>> }> | undefined;

async function generateOnce() {
  const root = copyReference();
  const keys = { ann: makeKey(), bob: makeKey() };
  setAdmins(root, adminsOf(keys));
  const first = makePerson(root, keys.ann);
  await first.done("generate");
  await first.done("secrets", "audit");
  put(root, ".gitattributes", GITATTRIBUTES);
  first.git("init", "--quiet", "--initial-branch=main");
  first.commit("fleet");
  return { root, keys };
}

/** Ann and Bob, who are the admins `ann` and `bob` of the reference fleet. */
export async function makeTeam(): Promise<Team> {
  generated ??= generateOnce();
  const { root, keys } = await generated;
  const clone = (name: string) => {
    const folder = join(makeFolder(), name);
    runGit(root, "clone", "--quiet", root, folder);
    return folder;
  };
  return { ann: makePerson(clone("ann"), keys.ann), bob: makePerson(clone("bob"), keys.bob) };
}

function adminsOf(keys: Readonly<Record<string, Key>>): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(Object.entries(keys).map(([name, { recipient }]) => [name, [recipient]]));
}

/** Names these admins, and encrypts everything to them. */
export async function changeAdmins(person: Person, admins: Readonly<Record<string, Key>>): Promise<void> {
  setAdmins(person.root, adminsOf(admins));
  await person.done("secrets", "rekey");
  await person.done("generate");
  person.commit(`admins: ${Object.keys(admins).join(", ")}`);
}

/** Adds a Raspberry Pi in Madrid. */
export async function addHost(person: Person, name: string): Promise<void> {
  const text = 'import fleet from "./fleet";\n\nexport default fleet.raspberryPi({ site: "madrid", model: 4 });\n';
  put(person.root, `hosts/${name}.ts`, text);
  await person.done("generate");
  person.commit(`add ${name}`);
}

/** Settles a merge as `docs/review.md` says it. */
export async function settle(person: Person): Promise<void> {
  await person.done("generate");
  person.commit("merge");
}

/** Ann declares a secret of her own, `cosmo/photos`, gives it the value `old`, and Bob merges it. @returns files in conflict */
export async function sharePhotos(ann: Person, bob: Person): Promise<readonly string[]> {
  edit(ann.root, "hosts/cosmo.ts", "site:", "secrets: { photos: {} },\n  site:");
  ann.pipe("old\n", "secrets", "set", "cosmo/photos");
  await ann.done("generate");
  ann.commit("photos");
  return bob.merge(ann);
}
