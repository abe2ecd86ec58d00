import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { StackOutputs } from "../../../pulumi/outputs.js";
import type { StandInName } from "./stand-in/index.js";
import type { Outcome } from "./support/engine.js";
import { once, onPulumi, type Scene, setScene } from "./support/setup.js";

/** The public names of a fleet that names a zone, at both providers. */

const real = suite("real: pulumi: zone");
const test = onPulumi(real);

const RECORDS = { hetzner: "hcloud:index/zoneRrset:ZoneRrset", cloudflare: "cloudflare:index/dnsRecord:DnsRecord" };
const CLOUDS = { hetzner: "hcloud", cloudflare: "cloudflare" } as const satisfies Record<string, StandInName>;

/** The reference fleet in a zone that exists, with a server whose addresses nobody knows yet. */
async function setZone(provider: "hetzner" | "cloudflare"): Promise<Scene> {
  const made = await setScene("");
  made.engine.cloud(CLOUDS[provider]).add("zone", "77", () => ({ name: "example.org" }));
  made.repository.edit("fleet.ts", "  mesh:", `  zone: { provider: "${provider}", name: "example.org" },\n  mesh:`);
  made.repository.add("second", `fleet.hetznerVm({ site: "nuremberg", serverType: "cx23", location: "nbg1" })`);
  return made;
}

/** `NAME TYPE ADDRESS` of every record, sorted. */
function namesOf({ engine }: Scene, provider: "hetzner" | "cloudflare"): string[] {
  const made = engine.cloud(CLOUDS[provider]).list(RECORDS[provider]);
  return made
    .map(({ properties: { name, type, content, records } }) => {
      const [{ value } = { value: content }] = (records ?? []) as readonly { readonly value: unknown }[];
      return `${name} ${type} ${value}`;
    })
    .sort();
}

/** What the provider calls each host's names. */
function expectedNames({ engine }: Scene, suffix: string): string[] {
  const ips = engine.cloud("hcloud").list("hcloud:index/primaryIp:PrimaryIp");
  const own = ips.filter(({ properties }) => String(properties.name).startsWith("second-"));
  const [ipv4, ipv6] = ["ipv4", "ipv6"].map(
    (type) => own.find(({ properties }) => properties.type === type)?.properties,
  );
  return [
    `ari.cats${suffix} AAAA 2001:db8:c::31`,
    `cosmo.cats${suffix} A 203.0.113.10`,
    `cosmo.cats${suffix} AAAA 2001:db8:a::10`,
    `maco.cats${suffix} A 203.0.113.11`,
    `maco.cats${suffix} AAAA 2001:db8:a::11`,
    `miki.cats${suffix} A 198.51.100.20`,
    `miki.cats${suffix} AAAA 2001:db8:b::20`,
    `second.cats${suffix} A ${ipv4?.ipAddress}`,
    `second.cats${suffix} AAAA ${ipv6?.ipAddress}1`,
    `ziggy.cats${suffix} AAAA 2001:db8:c::32`,
  ];
}

function hostsOf({ outputs }: Outcome): StackOutputs["hosts"] {
  const stack: StackOutputs | undefined = outputs.meshflake?.value;
  return stack?.hosts ?? {};
}

for (const [provider, suffix] of [
  ["hetzner", ""],
  ["cloudflare", ".example.org"],
] as const) {
  const scene = once(() => setZone(provider));

  test(`a name that somebody else has, and a zone that is not there, at ${provider}: before anything is made`, async () => {
    const { stack, repository, engine } = await scene();
    const cloud = engine.cloud(CLOUDS[provider]);
    const record = { type: "A", zone: "example.org", zoneId: "77", labels: {}, records: [] };
    cloud.add(RECORDS[provider], "foreign", () => ({ ...record, name: `miki.cats${suffix}` }));
    const taken = await stack.preview();
    assert.match(taken.text, /hosts\/miki\.ts:\d+:\d+ .*miki\.cats\.example\.org has A in its zone already/);
    cloud.remove(RECORDS[provider], "foreign");
    repository.edit("fleet.ts", 'name: "example.org"', 'name: "cats.example.org"');
    const missing = await stack.up();
    assert.match(missing.text, /hosts\/fleet\.ts:\d+:\d+ .*has no zone cats\.example\.org/);
    repository.edit("fleet.ts", 'name: "cats.example.org"', 'name: "example.org"');
    for (const { counts } of [taken, missing]) assert.equal(counts, {});
    for (const name of ["hcloud", "cloudflare"] as const) assert.equal(engine.cloud(name).read().calls, []);
  });

  test(`every public host has its names at ${provider}, a new server those that it is given`, async () => {
    const { stack, repository } = await scene();
    const made = await stack.up();
    assert.is(made.error, null, made.text);
    assert.equal(namesOf(await scene(), provider), expectedNames(await scene(), suffix));
    // What the provider gave comes into the lock, and is the same address: nothing changes.
    const { ipv4, ipv6 } = hostsOf(made).second ?? {};
    assert.ok(ipv4 && ipv6);
    repository.setLock("second", "facts", { ipv4, ipv6 });
    assert.equal((await stack.up()).counts, {});
  });

  test(`an address that changes, a host that leaves: only its names change at ${provider}`, async () => {
    const { stack, repository } = await scene();
    repository.edit("cosmo.ts", "203.0.113.10/24", "203.0.113.12/24");
    repository.remove("ziggy");
    const { error, steps, text } = await stack.up();
    assert.is(error, null, text);
    const { [provider]: type } = RECORDS;
    assert.equal(steps, [`delete ${type} ziggy.cats-AAAA`, `update ${type} cosmo.cats-A`]);
  });
}

real.run();
