import { compareHost } from "../machine/host/change.js";
import type { Host } from "../machine/host/host.js";
import { reloadHost } from "../machine/host/reload.js";
import { forEachLimited } from "../machine/parallel.js";
import type { Fault } from "../protocol.js";
import type { HostSpec, LabSpec } from "../spec.js";
import { LabError } from "./control/error.js";
import { hintFor } from "./faults.js";
import type { Lab } from "./lab.js";

/** A deployment to a running lab: the fleet as it is to be, with everything that goes on while it happens. */

/** Hosts at the same time. */
const AT_ONCE = 4;

/**
 * Brings a running lab to another fleet: hosts that are there reload what changed, new ones boot, and those that are no longer in
 * the fleet are switched off.
 * @throws LabError where a host is frozen, as nobody can deploy to it
 */
export async function applyFleet(lab: Lab, after: LabSpec, faults: readonly Fault[]): Promise<void> {
  for (const { state, spec } of lab.hosts) {
    if (state !== "frozen") continue;
    throw new LabError(409, `${spec.name} is frozen`, hintFor(spec.name, state));
  }
  const before = new Map(lab.hosts.map((host) => [host.spec.name, host]));
  await lab.world.grow(after.world, faults);
  lab.become(after);
  await forEachLimited(after.hosts, AT_ONCE, async (spec) => {
    const host = before.get(spec.name);
    if (host !== undefined) await deploy(lab, host, spec);
  });
  const wanted = new Set(after.hosts.map(({ name }) => name));
  for (const [name, host] of before) {
    if (wanted.has(name)) continue;
    await lab.shutDown(host);
    lab.dropHost(name);
  }
  await lab.boot(after.hosts.filter(({ name }) => !before.has(name)).map((spec) => lab.addHost(spec)));
}

async function deploy(lab: Lab, host: Host, after: HostSpec): Promise<void> {
  // One that is off takes its files when it is switched on.
  if (host.state === "off") return host.become(after, []);
  await reloadHost(host, after, compareHost(host.spec, after), lab.attachmentOf(after.name));
}
