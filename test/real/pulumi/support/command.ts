import { cpSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { type CloudFleet, makeCloudFleet } from "../../../cli/cloud/fleet.js";
import { linkPackages, makeFolder, type Run, runCli } from "../../../cli/process.js";
import { type StandIn, startStandIn } from "../../../pulumi/contabo/stand-in.js";
import { Engine, findPulumi, HETZNER_TOKEN } from "./engine.js";

/** The built command in a repository as a user has it, with Pulumi's real engine and stand-ins for all providers. */

export interface Scene {
  readonly fleet: CloudFleet;
  readonly engine: Engine;
  readonly contabo: StandIn;
  /** In the fleet's repository. */
  readonly run: (...args: string[]) => Promise<Run>;
  readonly runIn: (root: string, ...args: string[]) => Promise<Run>;
}

/** A repository that `meshflake init` made. */
export async function initFleet(): Promise<string> {
  const folder = makeFolder();
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFZcmSBBkjGyuPYDvWRkl8t5EMJoTZf3XDfVW4rUrRmZ";
  writeFileSync(join(folder, "key.pub"), `${key}\n`);
  await succeed(runCli(["init", "new", "--ssh-key", "key.pub"], { cwd: folder }));
  return join(folder, "new");
}

/** The program of such a repository in another one, and what `npm install` would add. */
async function addProgram(root: string): Promise<void> {
  cpSync(join(await initFleet(), "pulumi"), join(root, "pulumi"), { recursive: true });
  linkPackages(root);
}

async function setScene(): Promise<Scene> {
  const [engine, fleet, contabo] = [await Engine.start(), await makeCloudFleet(), await startStandIn()];
  await addProgram(fleet.root);
  for (const architecture of ["x86", "arm"])
    engine.cloud("hcloud").add("image", null, () => ({ name: "", labels: { meshflake: "hetzner-vm" }, architecture }));
  // Pulumi's own program for dynamic providers lies in its package.
  const dynamic = dirname(fileURLToPath(import.meta.resolve("@pulumi/pulumi/package.json")));
  const env = {
    ...(contabo.env as Record<string, string>),
    PATH: [join(engine.folder, "bin"), join(engine.folder, "root/bin"), dynamic, process.env.PATH].join(":"),
    PULUMI_BACKEND_URL: `file://${engine.folder}/backend`,
    PULUMI_HOME: join(engine.folder, "home"),
    PULUMI_CONFIG_PASSPHRASE: "planted-passphrase",
    PULUMI_SKIP_UPDATE_CHECK: "1",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "1",
    STAND_IN_FOLDER: engine.folder,
    HCLOUD_TOKEN: HETZNER_TOKEN,
    PROXMOX_VE_ENDPOINT: "https://pve.example.org:8006/",
    PROXMOX_VE_API_TOKEN: "ci@pve!ci=planted-proxmox-token",
  };
  const runIn = (cwd: string, ...args: string[]) => runCli(args, { cwd, env });
  return { engine, fleet, contabo, runIn, run: (...args) => runIn(fleet.root, ...args) };
}

/** Runs a test's work where Pulumi is; elsewhere it says so, which the runner counts. */
export async function within(work: (scene: Scene) => Promise<void>): Promise<void> {
  if (findPulumi() === null) {
    console.log("not tried: a provision: no pulumi: npm run pulumi:tools builds it");
    return;
  }
  const scene = await setScene();
  try {
    await work(scene);
  } finally {
    await scene.contabo.close();
  }
}

/** Runs a command that has to work. */
export async function succeed(run: Promise<Run>): Promise<Run> {
  const done = await run;
  assert.is(done.code, 0, `${done.stdout}\n${done.stderr}`);
  return done;
}

/** What a command with `--json` said. */
export const planOf = ({ stdout }: Run) => JSON.parse(stdout);
