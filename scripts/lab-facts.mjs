/**
 * Writes what NixOS makes of hosts, for the test that compares it with the lab's: an object, folder → host → facts.
 * Usage: node scripts/lab-facts.mjs EVALUATOR OUTFILE [FOLDER[:HOST,HOST…]]…
 * A folder is a fleet's, as seen from here; all of its hosts where none is named, and the reference fleet where no folder is.
 * The evaluator is `nix`, or a program that takes `--repo FOLDER --expr FUNCTION HOST…` and prints a line of JSON for each host.
 */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A host takes 10 to 20 s, and one host's evaluation 1 GB; other work on the machine makes it slower. */
const LIMIT_MS = 15 * 60 * 1000;
const TRIES = 2;

const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** Every host of a fleet, except those of its environments alone. */
function listHosts(folder) {
  return readdirSync(join(root, folder, "modules/hosts"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** `FOLDER[:HOST,HOST…]` */
function readFleet(text) {
  const [folder, hosts] = text.split(":");
  return { folder, hosts: hosts?.split(",") ?? listHosts(folder) };
}

/** @returns the program's standard output @throws Error with what it said */
async function run(program, args) {
  const options = { maxBuffer: 256 * 1024 * 1024, timeout: LIMIT_MS, cwd: root };
  const ran = await promisify(execFile)(program, args, options).catch((error) => error);
  if (!(ran instanceof Error)) return ran.stdout;
  const why = ran.killed === true ? `not done after ${LIMIT_MS / 60_000} minutes` : ran.message.split("\n", 1)[0];
  throw new Error(`${why}\n${ran.stderr ?? ""}${(ran.stdout ?? "").slice(-4000)}`);
}

/** @returns a line of JSON for each host */
async function evaluate(evaluator, { folder, hosts }) {
  const facts = join(root, "test/lab/host/nix/facts.nix");
  const repo = join(root, folder);
  if (basename(evaluator) !== "nix") {
    const lines = await run(evaluator, ["--repo", repo, "--expr", `import ${facts}`, ...hosts]);
    return lines.split("\n").filter((line) => line.startsWith("{"));
  }
  const lines = [];
  for (const host of hosts) {
    const flake = ["--extra-experimental-features", "nix-command flakes", `${repo}#nixosConfigurations.${host}.config`];
    lines.push(await run(evaluator, ["eval", "--json", ...flake, "--apply", readFileSync(facts, "utf8")]));
  }
  return lines;
}

/** @returns the facts of a fleet by host @throws Error where not every host has some, after a second try */
async function collect(evaluator, fleet) {
  for (let tries = 1; ; tries++) {
    try {
      const lines = await evaluate(evaluator, fleet);
      if (lines.length !== fleet.hosts.length)
        throw new Error(`facts of ${lines.length} hosts instead of ${fleet.hosts.length}`);
      return Object.fromEntries(fleet.hosts.map((host, index) => [host, JSON.parse(lines[index])]));
    } catch (error) {
      console.error(`${fleet.folder}, try ${tries} of ${TRIES}: ${error.message}`);
      if (tries === TRIES) throw error;
    }
  }
}

const [evaluator, file, ...fleets] = process.argv.slice(2);
if (evaluator === undefined || file === undefined) {
  console.error("usage: node scripts/lab-facts.mjs EVALUATOR OUTFILE [FOLDER[:HOST,HOST...]]...");
  process.exit(2);
}
const all = {};
for (const fleet of (fleets.length > 0 ? fleets : ["."]).map(readFleet)) {
  all[fleet.folder] = await collect(evaluator, fleet);
  console.log(`${fleet.folder}: facts of ${fleet.hosts.join(", ")}`);
}
await writeFile(file, JSON.stringify(all));
