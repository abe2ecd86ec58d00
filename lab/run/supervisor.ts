import { existsSync, fstatSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { LAB_FILES } from "../client/folders.js";
import { mustSucceed, run } from "../machine/command.js";
import type { SupervisorOrder } from "../protocol.js";
import { Breakage } from "./breakage.js";
import { listen } from "./control/control.js";
import { createRoutes } from "./control/routes.js";
import { Lab } from "./lab.js";
import { LanResolvers } from "./world/lan-resolvers.js";
import { Resolver } from "./world/resolver.js";

/**
 * `supervisor.js ORDERFILE`: the first process of a lab, in a network, mount and PID namespace of its own. When it ends, however that
 * comes about, the kernel ends all other processes of the lab, and with them its namespaces, mounts and devices.
 */

/** To `lab.log`; never anything of a spec, which has secrets. */
function note(text: string): void {
  process.stdout.write(`${new Date().toISOString()} ${text}\n`);
}

function readOrder(file: string): SupervisorOrder {
  const order = JSON.parse(readFileSync(file, "utf8")) as SupervisorOrder;
  // It has secrets, and nobody needs it any more.
  rmSync(file);
  return order;
}

/** In memory, and gone with the lab: hosts' roots with their disks, and the resolver's keys. */
async function mountMemory(folder: string): Promise<string> {
  const path = join(folder, "hosts");
  mkdirSync(path, { recursive: true, mode: 0o700 });
  mustSucceed("mounting memory", await run(["mount", "-t", "tmpfs", "-o", "mode=0700", "meshflake-lab", path]));
  return path;
}

/** Programs are found by name from here on: those of the order first. */
function extendPath({ programs }: SupervisorOrder): void {
  const folders = new Set(Object.values(programs).map((program) => dirname(program)));
  process.env.PATH = [...folders, process.env.PATH ?? ""].join(":");
}

async function createLab(order: SupervisorOrder): Promise<{ lab: Lab; breakage: Breakage }> {
  const { spec, root, folder, programs, kernel } = order;
  const memory = await mountMemory(folder);
  const resolver = await Resolver.prepare(join(memory, ".resolver"), spec.world);
  const surroundings = {
    roots: memory,
    logs: join(folder, "logs"),
    programs,
    wireguard: kernel.wireguard,
    certificates: resolver.certificates,
    note,
  };
  const lanResolvers = new LanResolvers(join(memory, ".lans"));
  const lab = new Lab({ spec, root, kernel, resolver, lanResolvers, surroundings });
  return { lab, breakage: new Breakage(lab, resolver) };
}

/** Milliseconds that whoever starts a lab has to write its record; it takes some ten. */
const RECORD_MS = 30_000;

/**
 * Ends a lab that nobody can find: the command that started it died before it wrote the record, or the folder is gone, and one of that
 * name may be another lab's.
 */
function watchRecord(folder: string, end: () => void): void {
  const own = openSync(folder, "r");
  const look = (): void => {
    const isThere = fstatSync(own).nlink > 0;
    if (isThere && existsSync(join(folder, LAB_FILES.record))) return;
    note("no command can find this lab: it has no record");
    end();
  };
  setInterval(look, RECORD_MS).unref();
}

/** Milliseconds until the process ends anyway; the kernel does the rest as well. */
const END_MS = 1_500;

async function main(): Promise<void> {
  process.umask(0o022);
  const order = readOrder(process.argv[2] ?? "");
  extendPath(order);
  const { lab, breakage } = await createLab(order);
  const socket = join(order.folder, LAB_FILES.socket);
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    note("ending");
    const leave = (): void => {
      rmSync(socket, { force: true });
      process.exit(0);
    };
    setTimeout(leave, END_MS);
    // Whoever asked for it gets the answer first.
    setImmediate(() => void lab.end().then(leave, leave));
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, end);
  await listen({ socket, answer: createRoutes({ lab, breakage, end }), progress: lab.progress, note });
  watchRecord(order.folder, end);
  await lab.start();
}

await main().catch((error: unknown) => {
  note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
});
