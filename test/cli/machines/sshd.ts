import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeFolder } from "../process.js";

/** A real sshd on this machine's loopback, with the host keys of a test, for the account that runs the test. */
export interface Sshd {
  readonly port: number;
  /** The only private key that it lets in. */
  readonly login: string;
  /** Its folder, for a second key and such. */
  readonly folder: string;
  readonly stop: () => void;
}

const SSHD = ["/usr/sbin/sshd", "/run/current-system/sw/bin/sshd"].find((path) => existsSync(path));
export const hasSshd = SSHD !== undefined;

const running: (() => void)[] = [];
process.on("exit", () => {
  for (const stop of running) stop();
});

/** A new key pair. @returns the private key's file; the public one has `.pub` behind */
export function makeKey(folder: string, name: string): string {
  const file = join(folder, name);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file]);
  return file;
}

async function findPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function waitForPort(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      execFileSync("ssh-keyscan", ["-T", "2", "-p", String(port), "127.0.0.1"], { stdio: "ignore" });
      return;
    } catch {
      await sleep(50);
    }
  }
  throw new Error("sshd does not answer");
}

/** @param hostKey a private key's text */
export async function startSshd(hostKey: string): Promise<Sshd> {
  const folder = makeFolder();
  const login = makeKey(folder, "login");
  writeFileSync(join(folder, "host"), hostKey, { mode: 0o600 });
  writeFileSync(join(folder, "authorized_keys"), readFileSync(`${login}.pub`), { mode: 0o600 });
  const port = await findPort();
  const settings = [
    ...[`Port ${port}`, "ListenAddress 127.0.0.1", `HostKey ${join(folder, "host")}`, "PidFile none"],
    ...[`AuthorizedKeysFile ${join(folder, "authorized_keys")}`, "StrictModes no", "UsePAM no"],
    ...["PasswordAuthentication no", "KbdInteractiveAuthentication no", "PermitRootLogin yes"],
  ];
  writeFileSync(join(folder, "sshd_config"), `${settings.join("\n")}\n`);
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
  const child = spawn(SSHD ?? "sshd", ["-D", "-e", "-f", join(folder, "sshd_config")], { stdio: "ignore" });
  const stop = () => {
    child.kill();
  };
  running.push(stop);
  // A test that fails before it stops the server does not keep the runner waiting.
  child.unref();
  await waitForPort(port);
  return { port, login, folder, stop };
}
