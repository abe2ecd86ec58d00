import * as pulumi from "@pulumi/pulumi";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Problem } from "../../generators/model/problem.js";
import { checkZone } from "../../pulumi/checks/zone.js";
import { CloudflareZone, HetznerZone } from "../../pulumi/components/zone.js";
import type { HostOutput } from "../../pulumi/outputs.js";
import type { CloudView, ZoneView } from "../../pulumi/plan/types.js";
import { viewCloud } from "../../pulumi/plan/view.js";
import type { RecordFact } from "../../pulumi/zone/inventory.js";
import { listRecords } from "../../pulumi/zone/records.js";
import { FLEET, fleetOf, planOf, publicHost } from "../support/fleets.js";
import { server } from "./clouds.js";
import { record } from "./record.js";

/** Public names, in the zones of both providers. */

const zones = suite("pulumi: zone");

/** Cosmo's addresses are in its host file, miki's come from Hetzner, and a host behind a NAT has none. */
const HOSTS = {
  cosmo: publicHost(10),
  miki: server(),
  four: server({ site: "dc4" }),
  hidden: server({ site: "nat" }),
};

function viewOf(provider: "hetzner" | "cloudflare", name?: string): CloudView & { zone: ZoneView } {
  const zone = { provider, ...(name !== undefined && { name }) };
  const view = viewCloud(planOf({ ...FLEET, zone }, HOSTS));
  if (view.zone === null) throw new Error("the fleet names a zone");
  return { ...view, zone: view.zone };
}

const MADE = { platform: "hetznerVm", id: "1", ipv4: "192.0.2.9", protected: true, urn: "urn", join: "" } as const;

function records(zone: ZoneView) {
  const miki: HostOutput = { ...MADE, ipv6: "2001:db8:9::1" };
  const four: HostOutput = { ...MADE, ipv4: "192.0.2.4" };
  return listRecords(zone, { miki: pulumi.output(miki), four: pulumi.output(four) });
}

zones("a fleet without a zone has no names", () => {
  assert.is(viewCloud(planOf(FLEET, HOSTS)).zone, null);
});

zones("at Hetzner, a name has the host file's addresses, or those that the provider gives", async () => {
  const view = viewOf("hetzner");
  const all = await record(() => {
    new HetznerZone(view, view.zone, records(view.zone));
  });
  const sets = [...all.values()].filter(({ type }) => type.endsWith("ZoneRrset"));
  assert.equal(sets.map(({ inputs }) => [inputs.zone, inputs.name, inputs.type, inputs.records]).sort(), [
    ["cats.example.org", "cosmo", "A", [{ value: "203.0.113.10" }]],
    ["cats.example.org", "cosmo", "AAAA", [{ value: "2001:db8:a::10" }]],
    ["cats.example.org", "four", "A", [{ value: "192.0.2.4" }]],
    ["cats.example.org", "miki", "A", [{ value: "192.0.2.9" }]],
    ["cats.example.org", "miki", "AAAA", [{ value: "2001:db8:9::1" }]],
  ]);
  for (const { inputs } of sets)
    assert.equal(inputs.labels, { "managed-by": "meshflake", fleet: "cats", stack: "cats" });
});

zones("at Cloudflare, a name is whole, and is not proxied", async () => {
  const view = viewOf("cloudflare", "example.org");
  assert.equal(
    view.zone.names.map(({ name }) => name),
    ["cosmo.cats", "four.cats", "miki.cats"],
  );
  const all = await record(() => {
    new CloudflareZone(view, { ...view.zone, id: "z1" }, records(view.zone));
  });
  const made = [...all.values()].filter(({ type }) => type.endsWith("DnsRecord"));
  assert.is(made.length, 5);
  assert.equal(made[0]?.inputs, {
    zoneId: "z1",
    name: "cosmo.cats.example.org",
    type: "A",
    content: "203.0.113.10",
    ttl: 300,
    proxied: false,
    comment: "meshflake: cats",
  });
});

/** What a zone with these records is refused for. */
function problemsOf(...found: RecordFact[]): Problem[] {
  const { zone } = viewOf("hetzner");
  return checkZone(fleetOf({ ...FLEET, zone: { provider: "hetzner" } }, HOSTS), zone, { id: "1", records: found });
}

zones("a zone that the account does not have is refused, where the fleet names it", () => {
  const fleet = fleetOf({ ...FLEET, zone: { provider: "cloudflare" } }, HOSTS);
  const [problem, ...more] = checkZone(fleet, viewOf("cloudflare").zone, null);
  assert.equal(more, []);
  assert.match(problem?.message ?? "", /has no zone cats\.example\.org/);
  assert.match(problem?.hint ?? "", /Cloudflare's dashboard/);
  assert.equal(problem?.origins, [{ file: "hosts/fleet.ts", path: ["zone"] }]);
});

zones("a name that somebody else has is refused, and what stands beside it is not", () => {
  const foreign = { name: "miki", isOurs: false };
  assert.equal(problemsOf({ ...foreign, type: "TXT" }, { ...foreign, name: "www", type: "A" }), []);
  assert.equal(problemsOf({ name: "miki", type: "A", isOurs: true }), []);
  // Four has no IPv6 address.
  assert.equal(problemsOf({ name: "four", type: "AAAA", isOurs: false }), []);
  const [taken] = problemsOf({ ...foreign, type: "AAAA" }, { ...foreign, type: "A" });
  assert.match(taken?.message ?? "", /^miki: miki\.cats\.example\.org has A and AAAA in its zone already/);
  assert.is(problemsOf({ ...foreign, type: "CNAME" }).length, 1);
});

zones.run();
