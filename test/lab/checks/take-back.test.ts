import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { takeBack } from "../../../lab/checks/remains/take-back.js";
import { describeLeft } from "../../../lab/checks/remains/words.js";
import { LabClient } from "../../../lab/client/client.js";
import type { Fault, Remain } from "../../../lab/protocol.js";
import { cluster, host, site, spec, state } from "./lab.js";

/** What tests leave is taken back, against a lab that only remembers what it was told. In Consul and Nomad it is tried in test/real/. */

const taking = suite("lab: what tests leave");

const KILL: Remain = { kind: "fault", fault: { kind: "kill", host: "ann" } };
const ADDRESS: Remain = { kind: "address", site: "home", address: "198.51.100.1" };
const KEYS: Remain = { kind: "keys", cluster: "cats", prefix: "here" };
const NEWCOMER: Remain = { kind: "newcomer", cluster: "cats", host: "newcomer1" };

class RememberedLab extends LabClient {
  readonly told: string[] = [];
  gone: readonly Remain[] = [];
  wan4 = "198.51.100.2";
  boots = true;
  /** How often a newcomer is still seen. */
  newcomers = 0;

  constructor() {
    super("/nowhere");
  }

  override async spec() {
    return spec({ hosts: [host("ann", "10.0.0.1")], clusters: [cluster([], { consulServers: [], nomadServers: [] })] });
  }

  override async state() {
    const { name, dynamic, ipv4, ipv6, wan6 } = site("home", { dynamic: true });
    const off = { state: "off", pid: null, units: [] } as const;
    const hosts = [{ name: "ann", ...off }, ...(this.newcomers-- > 0 ? [{ name: "newcomer1", ...off }] : [])];
    return state(hosts, { sites: [{ name, dynamic, ipv4, ipv6, wan6, wan4: this.wan4, addresses: [] }] });
  }

  override async heal() {
    this.told.push("heal");
    if (!this.boots) throw new Error("ann does not boot");
    return [];
  }

  override async break(fault: Fault) {
    this.told.push(`${fault.kind} ${"address" in fault ? fault.address : ""}`);
    return [];
  }

  override async noteGone(remains: readonly Remain[]) {
    this.gone = [...this.gone, ...remains];
  }
}

const folder = mkdtempSync(join(tmpdir(), "meshflake-left-"));
taking.after(() => rmSync(folder, { recursive: true, force: true }));

const run = (client: LabClient, remains: readonly Remain[], patience = 1) =>
  takeBack(remains, { client, folder, patience, quietMs: 0, step: () => undefined });

taking("hosts come before addresses, and what is gone is noted to be", async () => {
  const lab = new RememberedLab();
  assert.equal(await run(lab, [ADDRESS, KILL]), []);
  assert.equal(lab.told, ["heal", "renumber 198.51.100.1"]);
  assert.equal(lab.gone, [KILL, ADDRESS]);
});

taking("an address that is back already stays", async () => {
  const lab = new RememberedLab();
  lab.wan4 = "198.51.100.1";
  assert.equal(await run(lab, [ADDRESS]), []);
  assert.equal(lab.told, []);
});

taking("what cannot be taken back stays noted, says why, and is in nobody's way", async () => {
  const lab = new RememberedLab();
  lab.boots = false;
  const left = await run(lab, [KILL, ADDRESS]);
  assert.equal(left, [{ remain: KILL, why: "ann does not boot" }]);
  assert.equal(left.map(describeLeft), ["what was broken is there still: ann does not boot"]);
  assert.equal(lab.gone, [ADDRESS]);
});

taking("a newcomer is waited for, and its copy of the repository goes; not for ever", async () => {
  const lab = new RememberedLab();
  const copy = join(folder, "newcomer");
  mkdirSync(copy);
  lab.newcomers = 1_000;
  const left = await run(lab, [NEWCOMER], 0.005);
  assert.equal(left.map(describeLeft), ["the host newcomer1 in cats is there still: newcomer1 is there"]);
  assert.ok(existsSync(copy));
  lab.newcomers = 2;
  assert.equal(await run(lab, [NEWCOMER, KEYS]), []);
  assert.not.ok(existsSync(copy));
});

taking.run();
