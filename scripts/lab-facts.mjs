/**
 * Writes what NixOS makes of the reference fleet's hosts, for the test that compares it with the lab's: an object, host →
 * facts. Usage: node scripts/lab-facts.mjs EVALUATOR OUTFILE. The evaluator is `nix`, or a program that takes
 * `--repo FOLDER --expr FUNCTION HOST…` and prints a line of JSON for each host.
 */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A host takes 10 to 20 s, and one host's evaluation 1 GB; other work on the machine makes it slower. */
const LIMIT_MS = 15 * 60 * 1000;
const TRIES = 2;

const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** Every host of the fleet itself; `fleet.ts` is none. */
function listHosts() {
  return readdirSync(`${root}/hosts`)
    .flatMap((file) => /^(.+)\.(?:ts|json)$/.exec(file)?.[1] ?? [])
    .filter((name) => name !== "fleet" && name !== "fleet.lock")
    .sort();
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
async function evaluate(evaluator, hosts) {
  const facts = `${root}/test/lab/host/facts.nix`;
  if (basename(evaluator) !== "nix") {
    const lines = await run(evaluator, ["--repo", root, "--expr", `import ${facts}`, ...hosts]);
    return lines.split("\n").filter((line) => line.startsWith("{"));
  }
  const lines = [];
  for (const host of hosts) {
    const flake = ["--extra-experimental-features", "nix-command flakes", `${root}#nixosConfigurations.${host}.config`];
    lines.push(await run(evaluator, ["eval", "--json", ...flake, "--apply", readFileSync(facts, "utf8")]));
  }
  return lines;
}

/** @returns the facts by host */
async function collect(evaluator, hosts) {
  const lines = await evaluate(evaluator, hosts);
  if (lines.length !== hosts.length) throw new Error(`facts of ${lines.length} hosts instead of ${hosts.length}`);
  return Object.fromEntries(hosts.map((host, index) => [host, JSON.parse(lines[index])]));
}

const [evaluator, file] = process.argv.slice(2);
if (evaluator === undefined || file === undefined) {
  console.error("usage: node scripts/lab-facts.mjs EVALUATOR OUTFILE");
  process.exit(2);
}
for (let tries = 1; ; tries++) {
  try {
    const facts = await collect(evaluator, listHosts());
    await writeFile(file, JSON.stringify(facts));
    console.log(`facts of ${Object.keys(facts).length} hosts: ${file}`);
    break;
  } catch (error) {
    console.error(`try ${tries} of ${TRIES}: ${error.message}`);
    if (tries === TRIES) process.exit(1);
  }
}
