import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "uvu";
import { deployFleet } from "../../../../pulumi/program.js";
import { CLOUDFLARE_TOKEN, Engine, findPulumi, HETZNER_TOKEN, PROXMOX_PASSWORD, type TestStack } from "./engine.js";
import { Repository } from "./repository.js";

/** Fleets of this repository on stand-ins that have what their host files name. */

/** The credentials of all providers; the engine hands them to the stand-ins, and the program looks at them. */
export const CREDENTIALS = {
  HCLOUD_TOKEN: HETZNER_TOKEN,
  PROXMOX_VE_ENDPOINT: "https://pve.example.org:8006/",
  PROXMOX_VE_USERNAME: "root@pam",
  PROXMOX_VE_PASSWORD: PROXMOX_PASSWORD,
  CLOUDFLARE_API_TOKEN: CLOUDFLARE_TOKEN,
};

const why = findPulumi() === null ? "no pulumi: npm run pulumi:tools builds it" : null;

/** Adds tests to a suite that are tried where Pulumi is; the runner counts those that only say they are not. */
export function onPulumi(suite: Test) {
  return (name: string, run: () => Promise<void> | void): void =>
    suite(name, async () => {
      if (why === null) await run();
      else console.log(`not tried: ${name}: ${why}`);
    });
}

/** Makes a value when it is first asked for, so that nothing fails outside of a test. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

export interface Scene {
  readonly engine: Engine;
  readonly repository: Repository;
  readonly stack: TestStack;
}

/** The reference fleet, or an example, on providers where nothing was made yet. */
export async function setScene(source: string, config: Readonly<Record<string, string>> = {}): Promise<Scene> {
  Object.assign(process.env, CREDENTIALS);
  const engine = await Engine.start(CREDENTIALS);
  const repository = Repository.copy(source);
  addSnapshot(engine);
  reserve(engine, "198.51.100.20", "2001:db8:b::", "nbg1");
  reserve(engine, "198.51.100.77", "2001:db8:77::", "fsn1");
  const program = async () => ({ ...(await deployFleet({ root: repository.root })) });
  const stack = await engine.stack("prod", program, { ...imageSettings(engine), ...config });
  return { engine, repository, stack };
}

/** A snapshot of each architecture, newer than all that are there. */
export function addSnapshot(engine: Engine): void {
  const cloud = engine.cloud("hcloud");
  for (const architecture of ["x86", "arm"])
    cloud.add("image", null, () => ({ name: "", labels: { meshflake: "hetzner-vm" }, architecture }));
}

/** Another version of the container template. */
export function changeTemplate({ folder }: Engine): void {
  writeFileSync(join(folder, "lxc.tar.xz"), "another content");
}

/** Primary IPs that a person reserved. */
function reserve(engine: Engine, ipv4: string, ipv6: string, location: string): void {
  const cloud = engine.cloud("hcloud");
  const type = "hcloud:index/primaryIp:PrimaryIp";
  const common = { location, labels: {} };
  cloud.add(type, null, () => ({ ...common, name: ipv4, type: "ipv4", ipAddress: ipv4, ipNetwork: "" }));
  cloud.add(type, null, () => ({ ...common, name: ipv6, type: "ipv6", ipAddress: ipv6, ipNetwork: `${ipv6}/64` }));
}

/** Images as `meshflake image` leaves them. */
function imageSettings({ folder }: Engine): Record<string, string> {
  const images = { "proxmox-lxc": join(folder, "lxc.tar.xz"), "proxmox-vm": join(folder, "vm.qcow2") };
  for (const path of Object.values(images)) writeFileSync(path, `the content of ${path.slice(folder.length)}`);
  return { proxmoxImages: JSON.stringify(images) };
}
