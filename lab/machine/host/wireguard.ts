import { existsSync } from "node:fs";
import { join } from "node:path";
import { type WireguardDevice, wireguardConfig } from "../../host/networkd.js";
import { mustSucceed } from "../command.js";
import { runIn, spawnIn } from "../enter.js";
import type { Kernel } from "../kernel.js";
import { applySteps } from "../steps.js";
import { waitUntil } from "../wait.js";

/** WireGuard's devices of a host: the kernel's, or one process of wireguard-go each. */

/** A host that is up, as far as its devices need it. */
export interface WireguardPlace {
  readonly name: string;
  /** Its first process. */
  readonly pid: number;
  /** Its root, as seen from outside. */
  readonly root: string;
  readonly kind: Kernel["wireguard"];
  readonly environment: Readonly<Record<string, string>>;
  readonly readSecret: (path: string) => string;
}

/** Milliseconds until wireguard-go has made its device; it takes some 50. */
const DEVICE_MS = 15_000;

/** Makes a device, with its keys, peers and addresses. Endpoints that are names come later: a unit looks them up. */
export async function makeDevice(place: WireguardPlace, device: WireguardDevice): Promise<void> {
  if (place.kind === "kernel") {
    await applySteps(`making ${device.device} on ${place.name}`, place.pid, {
      ip: [`link add dev ${device.device} type wireguard`],
    });
  } else await startProgram(place, device.device);
  await configure(place, device, "setconf");
  const ip = [`link set dev ${device.device} mtu ${device.mtu}`, ...device.ip];
  await applySteps(`setting up ${device.device} on ${place.name}`, place.pid, { ip });
}

/**
 * Brings a device that runs to other settings; peers that stay keep their sessions. As with networkd, which reads a `.netdev` when it
 * makes the device and not again, the MTU stays until the host is started again, and so do addresses and routes that are gone.
 */
export async function changeDevice(place: WireguardPlace, device: WireguardDevice): Promise<void> {
  await configure(place, device, "syncconf");
  await applySteps(`changing ${device.device} on ${place.name}`, place.pid, { ip: device.ip });
}

async function startProgram(place: WireguardPlace, device: string): Promise<void> {
  const child = spawnIn(place.pid, ["wireguard-go", "--foreground", device], {
    whole: true,
    env: { ...place.environment, LOG_LEVEL: "error" },
    stdio: "ignore",
  });
  let ended = false;
  for (const event of ["error", "exit"]) {
    child.once(event, () => {
      ended = true;
    });
  }
  const socket = join(place.root, "run/wireguard", `${device}.sock`);
  await waitUntil(() => ended || existsSync(socket), DEVICE_MS);
  if (!existsSync(socket)) throw new Error(`wireguard-go made no device ${device} on ${place.name}`);
}

async function configure(place: WireguardPlace, device: WireguardDevice, verb: "setconf" | "syncconf"): Promise<void> {
  const input = wireguardConfig(device, place.readSecret(device.privateKeyFile).trim());
  // Node's pipes are sockets, which nobody can open by a path: `cat` makes a real one of it.
  const argv = ["sh", "-c", 'cat | wg "$1" "$2" /dev/stdin', "sh", verb, device.device];
  const result = await runIn(place.pid, argv, { whole: true, env: place.environment, input });
  mustSucceed(`${verb} of ${device.device} on ${place.name}`, result);
}
