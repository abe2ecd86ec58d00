import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CloudflareZone, HetznerZone, listRecords } from "../../pulumi/components/zone.js";
import type { HostOutput } from "../../pulumi/outputs.js";
import type { ZoneView } from "../../pulumi/plan/types.js";
import { viewZone } from "../../pulumi/plan/zone.js";
import { FLEET, planOf, publicHost } from "../support/fleets.js";
import { server } from "./clouds.js";
import { record } from "./record.js";

/** Public names, in the zones of both providers. */

const zones = suite("pulumi: zone");

/** Cosmo's addresses are in its host file, miki's come from Hetzner, and a host behind a NAT has none. */
function zoneOf(provider: "hetzner" | "cloudflare", name?: string): ZoneView {
  const zone = { provider, ...(name !== undefined && { name }) };
  const hidden = server({ site: "nat" });
  const plan = planOf({ ...FLEET, zone }, { cosmo: publicHost(10), miki: server(), hidden });
  const view = viewZone(plan, [...plan.hosts.values()]);
  if (view === null) throw new Error("the fleet names a zone");
  return view;
}

const MADE = { platform: "hetznerVm", id: "1", ipv4: "192.0.2.9", protected: true, urn: "urn", join: "" } as const;

function records(zone: ZoneView) {
  return listRecords(zone, { miki: pulumi.output<HostOutput>(MADE) });
}

zones("a fleet without a zone has no names", () => {
  const plan = planOf(FLEET, { miki: server() });
  assert.is(viewZone(plan, [...plan.hosts.values()]), null);
});

zones("at Hetzner, a name has the host file's addresses, or the provider's", async () => {
  const zone = zoneOf("hetzner");
  const all = await record(() => {
    new HetznerZone(zone, records(zone));
  });
  const sets = [...all.values()].filter(({ type }) => type.endsWith("ZoneRrset"));
  assert.equal(sets.map(({ inputs }) => [inputs.zone, inputs.name, inputs.type, inputs.records]).sort(), [
    ["cats.example.org", "cosmo", "A", [{ value: "203.0.113.10" }]],
    ["cats.example.org", "cosmo", "AAAA", [{ value: "2001:db8:a::10" }]],
    ["cats.example.org", "miki", "A", [{ value: "192.0.2.9" }]],
  ]);
});

zones("at Cloudflare, a name is whole, and is not proxied", async () => {
  const zone = zoneOf("cloudflare", "example.org");
  assert.equal(
    zone.names.map(({ name }) => name),
    ["cosmo.cats", "miki.cats"],
  );
  const all = await record(() => {
    new CloudflareZone(cloudflare, zone, records(zone));
  });
  const [first] = [...all.values()].filter(({ type }) => type.endsWith("DnsRecord"));
  assert.is(first?.inputs.name, "cosmo.cats.example.org");
  assert.is(first?.inputs.proxied, false);
});

zones.run();
