import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HostInput } from "../../../generators/model/input.js";
import { LOCK_VERSION, type Lock } from "../../../generators/model/lock.js";
import { ContaboMachine } from "../../../pulumi/components/contabo.js";
import { PROVIDER_TEXT } from "../../../pulumi/contabo/provider-text.js";
import { makeInOrder } from "../../../pulumi/machines.js";
import type { CloudView } from "../../../pulumi/plan/types.js";
import type { ContaboSettings } from "../../../pulumi/settings.js";
import { viewOf } from "../clouds.js";
import { type Registered, record } from "../record.js";

/** Every option that protects an instance at Contabo, and what its inputs say. */
const contabo = suite("pulumi: contabo machine");

const IMAGE = "22222222-2222-4222-8222-222222222222";
const SETTINGS: ContaboSettings = { image: IMAGE, rescue: null, sshKeys: [] };

function instance(instanceId: number, more: Partial<HostInput<"contaboVm">> = {}): HostInput {
  const roles = { nomad: { server: true }, consul: { server: true } };
  return { platform: "contaboVm", site: "dc", instanceId, ...roles, ...more };
}

const THREE = { a: instance(1), b: instance(2, { product: "V92", region: "EU" }), c: instance(3) };

function make(view: CloudView, settings = SETTINGS): Promise<ReadonlyMap<string, Registered>> {
  return record(() => {
    makeInOrder(view.machines, (one, after) => {
      if (one.platform !== "contaboVm") throw new Error(`${one.host} is elsewhere`);
      const { output, instance: resource } = new ContaboMachine(one, null, settings, { dependsOn: [...after] });
      return { output, resource };
    });
  });
}

contabo("an instance is protected, and voters come one after the other", async () => {
  const made = await make(viewOf(THREE));
  for (const name of ["a", "b", "c"]) assert.is(made.get(`Instance ${name}`)?.protect, true);
  assert.equal(
    ["a", "b", "c"].map((name) => made.get(`Instance ${name}`)?.dependsOn),
    [[], ["a"], ["b"]],
  );
});

contabo("its inputs are what the host file says, and the provider that finds the installed package", async () => {
  const made = await make(viewOf(THREE));
  const { __provider: text, ...inputs } = made.get("Instance b")?.inputs ?? {};
  assert.equal(inputs, { instanceId: 2, power: "running", region: "EU", product: "V92" });
  assert.is(text, PROVIDER_TEXT);
});

contabo("only a host that is made anew is reinstalled, and only one that leaves may be forgotten", async () => {
  const replaced = await make(viewOf(THREE, { replace: "b" }));
  assert.equal(replaced.get("Instance b")?.inputs.reinstall, { imageId: IMAGE });
  assert.is(replaced.get("Instance a")?.inputs.reinstall, undefined);
  assert.is((await make(viewOf(THREE, { unlock: "b" }))).get("Instance b")?.inputs.reinstall, undefined);
  const lock: Lock = { version: LOCK_VERSION, hosts: { c: { leaving: "machine" } } };
  const leaving = await make(viewOf(THREE, {}, lock));
  assert.equal([leaving.get("Instance c")?.protect, leaving.get("Instance a")?.protect], [false, true]);
});

contabo("the rescue system is for the host that is named, with its keys", async () => {
  const made = await make(viewOf(THREE), { ...SETTINGS, rescue: "a", sshKeys: [7] });
  const { power, rescueKeys } = made.get("Instance a")?.inputs ?? {};
  assert.equal([power, rescueKeys, made.get("Instance b")?.inputs.power], ["rescue", [7], "running"]);
});

contabo("an instance without a number is nobody's: nothing is ordered", () => {
  const { instanceId: _, ...unknown } = instance(1) as HostInput<"contaboVm">;
  assert.equal(viewOf({ a: unknown }).machines, []);
});

contabo.run();
