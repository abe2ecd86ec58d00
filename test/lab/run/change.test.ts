import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compareHost, type HostChange } from "../../../lab/machine/host/change.js";
import type { FileSpec, HostSpec, UnitSpec } from "../../../lab/spec.js";
import { HOST } from "./specs.js";

const change = suite("lab: what a deployment changes");

const unit = (name: string, more: Partial<UnitSpec> = {}): UnitSpec => ({
  name,
  exec: [name],
  restart: "always",
  restartMs: 5_000,
  after: [],
  ...more,
});
const file = (path: string, text: string): FileSpec => ({ path, text });

const before: HostSpec = {
  ...HOST,
  sysctl: { "net.ipv4.ip_forward": 0 },
  files: [file("/etc/consul.json", "{}"), file("/etc/bird.conf", "one"), file("/etc/old", "")],
  units: [
    unit("consul", { restartTriggers: ["/etc/consul.json"] }),
    unit("bird", { reload: { triggers: ["/etc/bird.conf"], command: ["birdc", "configure"] } }),
    unit("setup", { restartTriggers: ["/etc/old"] }),
    unit("gone"),
  ],
};

const NOTHING = { write: [], remove: [], sysctl: {}, ruleset: false, network: false };

/** With the names of units instead of all that they say. */
function compare(after: HostSpec): Omit<HostChange, "start" | "restart" | "reload"> & Record<string, unknown> {
  const found = compareHost(before, after);
  const names = (units: readonly UnitSpec[]) => units.map(({ name }) => name);
  return { ...found, start: names(found.start), restart: names(found.restart), reload: names(found.reload) };
}

change("the same host again changes nothing", () => {
  assert.equal(compare(structuredClone(before)), { ...NOTHING, start: [], restart: [], reload: [], stop: [] });
});

change("a file is written, and only who reads it starts anew", () => {
  const written = file("/etc/consul.json", "{ }");
  const found = compare({ ...before, files: [written, ...before.files.slice(1)] });
  assert.equal(found, { ...NOTHING, write: [written], start: [], restart: ["consul"], reload: [], stop: [] });
});

change("a new mode is a change", () => {
  const found = compare({ ...before, files: before.files.map((one) => ({ ...one, mode: 0o400 })) });
  assert.is(found.write.length, 3);
});

change("who can read its file again while it runs does so", () => {
  const files = before.files.map((one) => (one.path === "/etc/bird.conf" ? file(one.path, "two") : one));
  const { restart, reload } = compare({ ...before, files });
  assert.equal([restart, reload], [[], ["bird"]]);
});

change("a file that goes is removed, and its reader starts anew", () => {
  const { remove, restart } = compare({ ...before, files: before.files.slice(0, 2) });
  assert.equal([remove, restart], [["/etc/old"], ["setup"]]);
});

change("units come, change and go", () => {
  const [consul, bird, setup] = before.units as [UnitSpec, UnitSpec, UnitSpec];
  const units = [{ ...consul, environment: { A: "b" } }, bird, setup, unit("nomad")];
  const { start, restart, stop } = compare({ ...before, units });
  assert.equal([start, restart, stop], [["nomad"], ["consul"], ["gone"]]);
});

change("settings, rules and networks are told apart", () => {
  const after: HostSpec = {
    ...before,
    sysctl: { "net.ipv4.ip_forward": 1 },
    ruleset: "table inet x {}",
    networkd: { netdevs: {}, networks: { "10-uplink": { matchConfig: { Name: "eth0" } } } },
  };
  const { sysctl, ruleset, network } = compare(after);
  assert.equal([sysctl, ruleset, network], [{ "net.ipv4.ip_forward": 1 }, true, true]);
});

change.run();
