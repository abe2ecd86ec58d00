import { readNetworkd } from "../../host/networkd.js";
import type { Attachment, HostSpec } from "../../spec.js";
import { mustSucceed } from "../command.js";
import { runIn } from "../enter.js";
import { applySteps } from "../steps.js";
import type { HostChange } from "./change.js";
import type { Host } from "./host.js";
import { stopInOrder } from "./order.js";
import { removeHostFile, writeHostFile } from "./root.js";
import type { Unit } from "./unit.js";
import { changeDevice, makeDevice } from "./wireguard.js";

/**
 * Deploys to a host that runs: what did not change is not touched, so that its connections live on.
 * @throws Error with what a program said that failed
 */
export async function reloadHost(
  host: Host,
  after: HostSpec,
  change: HostChange,
  attachment: Attachment,
): Promise<void> {
  for (const path of change.remove) removeHostFile(host.root, path);
  for (const file of change.write) writeHostFile(host.root, file);
  const pid = host.requirePid();
  // One transaction: no packet meets a firewall without rules.
  const rules = change.ruleset ? { nft: `flush ruleset\n${after.ruleset}` } : {};
  await applySteps(`reloading ${after.name}`, pid, { sysctl: change.sysctl, ...rules });
  if (change.network) await reloadNetwork(host, after, attachment);
  await reloadUnits(host, after, change);
}

/** Devices that are gone stay until the host is started again; networkd does not remove them either. */
async function reloadNetwork(host: Host, after: HostSpec, attachment: Attachment): Promise<void> {
  const before = readNetworkd(host.spec.networkd, attachment);
  const { uplink, wireguard } = readNetworkd(after.networkd, attachment);
  const place = host.place();
  const known = new Set(before.wireguard.map(({ device }) => device));
  await applySteps(`the uplink of ${after.name}`, place.pid, { ip: uplink.ip });
  for (const device of wireguard) {
    if (known.has(device.device)) await changeDevice(place, device);
    else await makeDevice(place, device);
  }
}

async function reloadUnits(host: Host, after: HostSpec, { start, restart, reload, stop }: HostChange): Promise<void> {
  const old = new Map(host.units.map((unit) => [unit.spec.name, unit]));
  const anew = new Set([...start, ...restart].map(({ name }) => name));
  const ending = new Set([...stop, ...restart.map(({ name }) => name)]);
  await stopInOrder(host.units.filter(({ spec }) => ending.has(spec.name)));
  const units = after.units.map((spec): Unit => {
    const kept = old.get(spec.name);
    return kept === undefined || anew.has(spec.name) ? host.makeUnit(spec) : kept;
  });
  host.become(after, units);
  for (const unit of units) if (anew.has(unit.spec.name)) unit.start();
  for (const spec of reload) await reloadUnit(host, spec);
}

async function reloadUnit(host: Host, { name, reload }: HostSpec["units"][number]): Promise<void> {
  if (reload === undefined) return;
  const result = await runIn(host.requirePid(), reload.command, { whole: true, env: host.environment });
  mustSucceed(`reloading ${name} on ${host.spec.name}`, result);
}
