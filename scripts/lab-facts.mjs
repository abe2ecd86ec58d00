/**
 * Writes what NixOS makes of the reference fleet's hosts, for the test that compares it with the lab's: an object, host →
 * facts. Usage: node scripts/lab-facts.mjs EVALUATOR OUTFILE. The evaluator takes `--repo FOLDER --expr FUNCTION HOST…` and
 * prints a line of JSON for each host.
 */
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
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

/** @returns the facts by host @throws Error with what the evaluator said */
async function evaluate(evaluator, hosts) {
  const options = { maxBuffer: 256 * 1024 * 1024, timeout: LIMIT_MS };
  const expression = `import ${root}/test/lab/host/facts.nix`;
  const ran = await promisify(execFile)(evaluator, ["--repo", root, "--expr", expression, ...hosts], options).catch(
    (error) => error,
  );
  if (ran instanceof Error) {
    const why = ran.killed === true ? `not done after ${LIMIT_MS / 60_000} minutes` : ran.message.split("\n", 1)[0];
    throw new Error(`${why}\n${ran.stderr ?? ""}${(ran.stdout ?? "").slice(-4000)}`);
  }
  const lines = ran.stdout.split("\n").filter((line) => line.startsWith("{"));
  if (lines.length !== hosts.length)
    throw new Error(`facts of ${lines.length} hosts instead of ${hosts.length}\n${ran.stderr}`);
  return Object.fromEntries(hosts.map((host, index) => [host, JSON.parse(lines[index])]));
}

const [evaluator, file] = process.argv.slice(2);
if (evaluator === undefined || file === undefined) {
  console.error("usage: node scripts/lab-facts.mjs EVALUATOR OUTFILE");
  process.exit(2);
}
for (let tries = 1; ; tries++) {
  try {
    const facts = await evaluate(evaluator, listHosts());
    await writeFile(file, JSON.stringify(facts));
    console.log(`facts of ${Object.keys(facts).length} hosts: ${file}`);
    break;
  } catch (error) {
    console.error(`try ${tries} of ${TRIES}: ${error.message}`);
    if (tries === TRIES) process.exit(1);
  }
}
