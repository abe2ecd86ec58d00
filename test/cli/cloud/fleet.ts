import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Lock } from "../../../generators/model/lock.js";
import type { HostOutput, StackOutputs } from "../../../pulumi/outputs.js";
import { readLock } from "../../support/locks.js";
import { copyReference, makeFolder, type Run, runCli } from "../process.js";

/** The reference fleet with a miki whose address nobody knows yet, generated; and stacks for it. */

export interface CloudFleet {
  readonly root: string;
  readonly run: (...args: string[]) => Promise<Run>;
  readonly lock: () => Lock;
  /** Writes what `pulumi stack output --json` would print, outside of the repository. @returns the file */
  readonly stackFile: (outputs: unknown) => string;
}

/** Without `address`: DHCP gives the IPv4 address, and the provider tells both. */
export const MIKI = `import fleet from "./fleet";

export default fleet.hetznerVm({
  site: "nuremberg",
  serverType: "cx23",
  location: "nbg1",
  nomad: { server: true },
  consul: { server: true },
});
`;

export const SERVER: HostOutput = {
  platform: "hetznerVm",
  id: "4711",
  ipv4: "198.51.100.77",
  ipv6: "2001:db8:b::1",
  location: "nbg1",
  protected: true,
  urn: "urn:pulumi:prod::cats::hcloud:index/server:Server::miki",
  join: "meshflake identity miki",
};

/** What the program of a fleet says. */
export function stackOf(hosts: Readonly<Record<string, HostOutput>>, more: Partial<StackOutputs> = {}): object {
  return { meshflake: { version: 1, fleet: "cats", environment: null, cluster: null, stack: "prod", hosts, ...more } };
}

async function generate(): Promise<string> {
  const root = copyReference();
  writeFileSync(join(root, "hosts/miki.ts"), MIKI);
  const { code, stderr } = await runCli(["generate"], { cwd: root });
  if (code !== 0) throw new Error(`generate failed: ${stderr}`);
  return root;
}

let generated: ReturnType<typeof generate> | undefined;

/** A copy of its own; generated once a process, since it takes a second. */
export async function makeCloudFleet(): Promise<CloudFleet> {
  generated ??= generate();
  const root = makeFolder();
  cpSync(await generated, root, { recursive: true });
  const run = (...args: string[]) => runCli(args, { cwd: root });
  return {
    root,
    run,
    lock: () => readLock(root),
    stackFile: (outputs) => {
      const file = join(makeFolder(), "outputs.json");
      writeFileSync(file, JSON.stringify(outputs));
      return file;
    },
  };
}

export function removeHostFile(root: string, host: string): void {
  rmSync(join(root, `hosts/${host}.ts`));
}
