import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileFleet } from "../../generators/compile.js";
import { planLab } from "../../lab/plan.js";
import { PACKAGE } from "../cli/process.js";
import { textOf } from "../lab/host/labs.js";
import { type Machine, makeNet, type Net, onMachines, waitFor } from "./machine.js";

/** A real Unbound with a host's settings, and a Consul that takes its time until it answers. */

const resolver = suite("services: resolver");
const test = onMachines(resolver, "unbound", "unbound-control", "dig");

let net: Net;
resolver.after(() => net?.stop());

const STAND_IN = fileURLToPath(new URL("silent-consul.mjs", import.meta.url));
const ANSWERS = "/run/answers";
const ADDRESS = "10.10.0.9";
const CONTROL = "/run/unbound.ctl";

/** Milliseconds, as the settings say. */
const LONGEST_MS = 12_000;

/** What makes Unbound ask again soon. */
const OPTIONS = /^ {2}infra-.*\n/gm;

/** The reference fleet's `cosmo`, without the lab's certificate, and open to `unbound-control`. */
async function readSettings(): Promise<string> {
  const { hosts } = planLab(await compileFleet(PACKAGE), { name: "tried" });
  const host = hosts.find(({ name }) => name === "cosmo");
  const text = host === undefined ? null : textOf(host, "/etc/unbound/unbound.conf");
  if (text === null) throw new Error("cosmo has no Unbound");
  return text
    .replace(/^ {2}tls-cert-bundle: .*\n/m, "")
    .replace(/^ {2}control-interface: .*\n/gm, "")
    .replace(
      /^ {2}control-enable: no$/m,
      `  control-enable: yes\n  control-interface: ${CONTROL}\n  control-use-cert: no`,
    );
}

/** A machine with an Unbound and a Consul that says nothing yet. */
async function startSilent(name: string, address: string, settings: string): Promise<Machine> {
  const machine = await net.add(name, address);
  machine.sh("mkdir -p /var/lib/unbound");
  machine.write("/etc/unbound/unbound.conf", settings);
  machine.spawn([process.execPath, STAND_IN, ANSWERS, ADDRESS]);
  machine.spawn(["unbound", "-p", "-d", "-c", "/etc/unbound/unbound.conf"]);
  await waitFor(`${name}'s Unbound answers`, async () => (await ask(machine, "version.bind", "CH", "TXT")) !== null);
  return machine;
}

/** @returns what `dig +short` says; null where nobody answers */
async function ask(machine: Machine, ...question: string[]): Promise<string | null> {
  const { code, stdout } = await machine.run(["dig", "@127.0.0.1", "+short", "+time=1", "+tries=1", ...question]);
  return code === 0 ? stdout.trim() : null;
}

/** Asks for a name of Consul's. @returns how many milliseconds Unbound waits for Consul now, and seconds until it asks again */
async function askOnce(machine: Machine): Promise<{ readonly waits: number; readonly delay: number }> {
  await ask(machine, "cosmo.node.consul");
  const { stdout } = await machine.run(["unbound-control", "-c", "/etc/unbound/unbound.conf", "dump_infra"]);
  const [, waits = "0", delay = "0"] = /^127\.0\.0\.1@8600 consul\. .* rto (\d+) .* delay (\d+) /m.exec(stdout) ?? [];
  return { waits: Number(waits), delay: Number(delay) };
}

test("Unbound asks a silent Consul again soon, and without the fleet's settings ever later", async () => {
  const settings = await readSettings();
  net = await makeNet();
  assert.is(settings.match(OPTIONS)?.length, 2);
  const [ours, usual] = await Promise.all([
    startSilent("ours", "10.9.0.1", settings),
    startSilent("usual", "10.9.0.2", settings.replace(OPTIONS, "")),
  ]);
  const seen = { waits: 0, delay: 0 };
  const askOurs = async () => {
    const { waits, delay } = await askOnce(ours);
    seen.waits = Math.max(seen.waits, waits);
    seen.delay = Math.max(seen.delay, delay);
    return { waits, delay };
  };
  await Promise.all([
    waitFor("Unbound waits for its longest", async () => {
      const { waits, delay } = await askOurs();
      return waits === LONGEST_MS && delay > 0;
    }),
    waitFor("Unbound waits for longer", async () => (await askOnce(usual)).waits > LONGEST_MS),
  ]);
  ours.sh(`touch ${ANSWERS}`);
  await waitFor("the name is found", async () => {
    await askOurs();
    return (await ask(ours, "cosmo.node.consul")) === ADDRESS;
  });
  assert.is(seen.waits, LONGEST_MS);
  // It asks again a second after it waited, counted in whole seconds.
  assert.ok(seen.delay <= LONGEST_MS / 1_000 + 2, `again after ${seen.delay} s`);
});

resolver.run();
