import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { copyReference, makeFolder, type Run, runCli } from "../process.js";

/** The reference fleet, generated, with an admin whose identity the test has. */
export interface MachineFleet {
  readonly root: string;
  /** The admin's identity file. */
  readonly admin: string;
  readonly run: (...args: string[]) => Promise<Run>;
}

async function generate(): Promise<Omit<MachineFleet, "run">> {
  const root = copyReference();
  const admin = join(makeFolder(), "admin.txt");
  const identity = await generateIdentity();
  writeFileSync(admin, `${identity}\n`, { mode: 0o600 });
  const file = join(root, "hosts/fleet.ts");
  const text = readFileSync(file, "utf8").replace(/"age1[^"]+"/, JSON.stringify(await identityToRecipient(identity)));
  writeFileSync(file, text);
  const { code, stderr } = await runCli(["generate"], { cwd: root });
  if (code !== 0) throw new Error(`generate failed: ${stderr}`);
  return { root, admin };
}

let generated: ReturnType<typeof generate> | undefined;

/** A copy of its own; generated once a process, since it takes a second. */
export async function makeMachineFleet(): Promise<MachineFleet> {
  generated ??= generate();
  const { root: first, admin } = await generated;
  const root = join(makeFolder(), "fleet with blanks");
  mkdirSync(root);
  cpSync(first, root, { recursive: true });
  return { root, admin, run: (...args) => runCli(args, { cwd: root }) };
}
