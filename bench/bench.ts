import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { copyReference, type Size, writeFleet } from "./fleets.js";
import { timeKeys } from "./keys.js";
import { measure, timeProgram } from "./measure.js";
import { timeWgMeshconf } from "./wg-meshconf.js";

/**
 * `npm run bench [-- PART…]`: the table of docs/performance.md. Machines differ and are noisy, so every figure stands beside a
 * bare `node -e 0` of the same run.
 */

interface Row {
  readonly work: string;
  readonly seconds: number;
  readonly ratio: number;
  readonly memory: number | null;
  readonly goal: string;
}

const cli = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const parts = process.argv.slice(2);
const rows: Row[] = [];
const folders: string[] = [];

function wanted(part: string): boolean {
  return parts.length === 0 || parts.some((one) => part.includes(one));
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "meshflake-bench-"));
  folders.push(path);
  return path;
}

function fleet(size: Size): string {
  const root = folder();
  writeFleet(root, size);
  return root;
}

const bare = await measure(["-e", "0"], { cwd: tmpdir(), runs: 15 });

function add(work: string, wall: number, memory: number | null, goal: string): void {
  rows.push({ work, seconds: wall / 1000, ratio: wall / bare.wall, memory, goal });
  process.stderr.write(`${work}: ${(wall / 1000).toFixed(2)} s\n`);
}

async function reference(): Promise<void> {
  const root = folder();
  copyReference(root);
  const check = await measure([cli, "check"], { cwd: root, runs: 11 });
  add("check, reference fleet (6 hosts)", check.wall, check.memory, "4 bare starts");
  const generate = await measure([cli, "generate"], { cwd: root, runs: 11 });
  add("generate with nothing to change, 6 hosts", generate.wall, generate.memory, "5 bare starts");
}

async function large(hosts: number, runs: number, goal: string): Promise<number> {
  const root = fleet({ hosts, topology: "hub" });
  const { wall, memory } = await measure([cli, "check", "--quiet"], { cwd: root, runs, warm: runs > 1 });
  add(`check, ${hosts.toLocaleString("en")} hosts (hub and spoke)`, wall, memory, goal);
  return wall / hosts;
}

async function fromNothing(size: Size, runs: number, goal: string): Promise<void> {
  const roots = Array.from({ length: runs }, () => fleet(size));
  const results = [];
  for (const root of roots)
    results.push(await measure([cli, "generate", "--quiet"], { cwd: root, runs: 1, warm: false }));
  const best = results.sort((a, b) => a.wall - b.wall)[runs >> 1];
  if (best === undefined) return;
  const kind = size.topology === "full" ? "full mesh" : "hub and spoke";
  add(`generate, ${size.hosts.toLocaleString("en")} hosts from nothing (${kind})`, best.wall, best.memory, goal);
}

async function keys(): Promise<void> {
  const { wall, memory } = await timeKeys(1000, folder());
  add("secrets of 1,000 hosts, made and encrypted for two admins", wall, memory, "10 s");
  const root = fleet({ hosts: 1000, topology: "hub" });
  await measure([cli, "generate", "--quiet"], { cwd: root, runs: 1, warm: false });
  const idle = await measure([cli, "generate", "--quiet"], { cwd: root, runs: 5 });
  add("generate with nothing to change, 1,000 hosts", idle.wall, idle.memory, "");
}

/** What the disk alone takes: as many files as 1,000 hosts have, in as many folders, written without any care. */
function plainFiles(): void {
  const root = folder();
  const text = "x".repeat(1500);
  const start = process.hrtime.bigint();
  for (let host = 0; host < 1000; host++) {
    mkdirSync(join(root, `${host}`));
    for (let file = 0; file < 10; file++) writeFileSync(join(root, `${host}/${file}`), text);
  }
  add("(for comparison: 10,000 plain files on this disk)", Number(process.hrtime.bigint() - start) / 1e6, null, "");
}

/** `MESHFLAKE_NIXOS_EVAL`: a program that evaluates the host named last, in the checkout given by `--repo`. */
function evaluation(): void {
  const program = process.env.MESHFLAKE_NIXOS_EVAL;
  if (program === undefined) return;
  const checkout = fileURLToPath(new URL("..", import.meta.url));
  const plain = fileURLToPath(new URL("bare-host", import.meta.url));
  const pairs = Array.from({ length: 3 }, () => [
    timeProgram(program, ["--repo", plain, "bare"], checkout),
    timeProgram(program, ["--repo", checkout, "cosmo"], checkout),
  ]);
  const [bareHost, host] = [0, 1].map((side) => pairs.map((pair) => pair[side] ?? Number.NaN).sort((a, b) => a - b)[1]);
  if (bareHost === undefined || host === undefined) return;
  add("evaluation of a bare NixOS host", bareHost, null, "");
  add("evaluation of cosmo", host, null, `1.15 bare hosts; here ${(host / bareHost).toFixed(2)}`);
}

function printTable(): void {
  const processor = cpus()[0]?.model ?? "unknown";
  console.log(`Node ${process.version}, ${cpus().length} x ${processor}, ${Math.round(totalmem() / 2 ** 30)} GiB`);
  console.log(`A bare \`node -e 0\`: ${bare.wall.toFixed(0)} ms, ${bare.memory.toFixed(0)} MiB\n`);
  console.log("| work | seconds | bare starts | MiB | goal |\n| --- | --- | --- | --- | --- |");
  for (const { work, seconds, ratio, memory, goal } of rows)
    console.log(
      `| ${work} | ${seconds.toFixed(2)} | ${ratio.toFixed(1)} | ${memory === null ? "" : memory.toFixed(0)} | ${goal} |`,
    );
}

try {
  if (wanted("reference")) await reference();
  if (wanted("large")) {
    const small = await large(1000, 5, "2 s, 300 MB");
    await fromNothing({ hosts: 1000, topology: "hub" }, 3, "4 s");
    plainFiles();
    const big = await large(10_000, 1, "20 s, 1.5 GB");
    console.log(`time per host, 10,000 hosts against 1,000: ${(big / small).toFixed(2)} (goal: below 1.5)`);
  }
  if (wanted("keys")) await keys();
  if (wanted("full")) {
    for (const hosts of [200, 1000]) {
      await fromNothing(
        { hosts, topology: "full" },
        1,
        hosts === 200 ? "faster than wg-meshconf (1.4 s)" : "faster than wg-meshconf (33 s)",
      );
      const other = timeWgMeshconf(hosts, folder());
      if (other !== null) add(`wg-meshconf, ${hosts.toLocaleString("en")} hosts`, other, null, "");
    }
  }
  if (wanted("evaluation")) evaluation();
  printTable();
} finally {
  for (const path of folders) rmSync(path, { recursive: true, force: true });
}
