import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeFleet } from "./fleets.js";
import { measure } from "./measure.js";

/**
 * `npm run bench:lab`: the table about the lab in docs/performance.md. Each lab is a whole `lab up` and `lab down`, timed from
 * outside, on the fleet as it stands in its repository. Needs what the lab needs.
 */

interface Row {
  readonly fleet: string;
  /** Seconds. */
  readonly up: number;
  readonly down: number;
  /** MiB, of the host that uses most, with its servers. */
  readonly memory: number;
}

const checkout = fileURLToPath(new URL("..", import.meta.url));
const cli = join(checkout, "dist/cli/main.js");
const NAME = "bench";
const ROUNDS = Number(process.env.ROUNDS ?? 3);

function runCli(root: string, ...args: readonly string[]): number {
  const start = process.hrtime.bigint();
  const { status } = spawnSync(process.execPath, [cli, ...args], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Error(`meshflake ${args.join(" ")}: exit code ${status}`);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/** Proportional set size in KiB, as the kernel counts it: pages that several processes share count in parts. */
function readPss(pid: string): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0);
}

/** MiB of each of the lab's hosts: a host is a PID namespace whose root says its name. */
function measureHosts(names: ReadonlySet<string>): number[] {
  const sums = new Map<string, number>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (!names.has(readFileSync(join("/proc", pid, "root", "etc/hostname"), "utf8").trim())) continue;
      const namespace = readlinkSync(`/proc/${pid}/ns/pid`);
      sums.set(namespace, (sums.get(namespace) ?? 0) + readPss(pid) / 1024);
    } catch {
      // It has ended, has no name, or belongs to somebody else.
    }
  }
  return [...sums.values()];
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function benchFleet(fleet: string, root: string): Row {
  const names = new Set(readdirSync(join(root, "modules/hosts"), { withFileTypes: true }).map(({ name }) => name));
  const rounds = Array.from({ length: ROUNDS }, () => {
    const up = runCli(root, "lab", "up", "--quiet", "--name", NAME);
    const memory = Math.max(...measureHosts(names));
    const down = runCli(root, "lab", "down", "--quiet", "--name", NAME);
    process.stderr.write(
      `${fleet}: up in ${up.toFixed(1)} s, down in ${down.toFixed(1)} s, ${memory.toFixed(0)} MiB\n`,
    );
    return { up, down, memory };
  });
  return {
    fleet,
    up: median(rounds.map(({ up }) => up)),
    down: median(rounds.map(({ down }) => down)),
    memory: Math.max(...rounds.map(({ memory }) => memory)),
  };
}

const folder = mkdtempSync(join(tmpdir(), "meshflake-bench-"));
try {
  writeFleet(folder, { hosts: 20, topology: "hub" });
  runCli(folder, "generate", "--quiet");
  const bare = await measure(["-e", "0"], { cwd: folder, runs: 15 });
  const rows = [benchFleet("reference fleet, 6 hosts", checkout), benchFleet("20 hosts, 17 of them at homes", folder)];
  console.log(
    `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
  );
  console.log(`A bare \`node -e 0\`: ${bare.wall.toFixed(0)} ms; medians of ${ROUNDS} rounds\n`);
  console.log("| fleet | up, seconds | down, seconds | MiB, the largest host |\n| --- | --- | --- | --- |");
  for (const { fleet, up, down, memory } of rows)
    console.log(`| ${fleet} | ${up.toFixed(1)} | ${down.toFixed(1)} | ${memory.toFixed(0)} |`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
