import { suite } from "uvu";
import * as assert from "uvu/assert";
import { addSnapshot, once, onPulumi, setScene } from "./support/setup.js";

/** The reference fleet as it is committed, in the real engine: made, left alone, and changed. */

const real = suite("real: pulumi: reference");
const test = onPulumi(real);

const scene = once(() => setScene(""));

const SERVER = "hcloud:index/server:Server";
const FIREWALL = "hcloud:index/firewall:Firewall";

test("makes what the reference fleet has at a provider, with the addresses that its host file names", async () => {
  const { stack, engine } = await scene();
  const { error, steps, outputs, text } = await stack.up();
  assert.is(error, null, text);
  assert.equal(
    steps.filter((step) => !step.includes(" meshflake:")),
    [
      `create ${FIREWALL} miki`,
      "create hcloud:index/placementGroup:PlacementGroup cats-voters",
      "create hcloud:index/rdns:Rdns miki-ipv4",
      "create hcloud:index/rdns:Rdns miki-ipv6",
      `create ${SERVER} miki`,
      "create hcloud:index/sshKey:SshKey cats-nico",
    ],
  );
  const { hosts } = outputs.meshflake?.value ?? {};
  assert.equal(Object.keys(hosts), ["miki"]);
  assert.equal([hosts.miki.ipv4, hosts.miki.ipv6], ["198.51.100.20", "2001:db8:b::20"]);
  const names = engine.cloud("hcloud").list("hcloud:index/rdns:Rdns");
  assert.equal(names.map(({ properties }) => `${properties.ipAddress} ${properties.dnsPtr}`).sort(), [
    "198.51.100.20 miki.cats.example.org",
    "2001:db8:b::20 miki.cats.example.org",
  ]);
});

test("changes nothing where nothing changed, nor where there is a new image", async () => {
  const { stack, engine } = await scene();
  assert.equal((await stack.up()).counts, {});
  addSnapshot(engine);
  assert.equal((await stack.up()).counts, {});
});

test("refuses another location, which would replace the server, before it begins", async () => {
  const { stack, repository, engine } = await scene();
  const { calls } = engine.cloud("hcloud").read();
  repository.edit("miki.ts", '"nbg1"', '"fsn1"');
  const { error, text, counts } = await stack.up();
  assert.ok(error);
  assert.match(
    text,
    /hosts\/miki\.ts:\d+:\d+ {2}location: miki: its server is in nbg1, and fsn1 would replace it\. Hint: change it back, or make the machine anew: meshflake provision --replace miki/,
  );
  assert.equal(counts, {});
  assert.is(engine.cloud("hcloud").read().calls.length, calls.length);
  repository.edit("miki.ts", '"fsn1"', '"nbg1"');
});

test("another port of SSH opens first, and the old one closes with the update after that", async () => {
  const { stack, repository, engine } = await scene();
  const ports = () => {
    const [firewall] = engine.cloud("hcloud").list(FIREWALL);
    const rules = (firewall?.properties.rules ?? []) as readonly Readonly<Record<string, unknown>>[];
    return rules.filter(({ description }) => String(description).startsWith("ssh")).map(({ port }) => port);
  };
  assert.equal(ports(), ["22"]);
  repository.edit("fleet.ts", "  mesh:", "  deploy: { port: 2222 },\n  mesh:");
  assert.equal((await stack.up()).steps, [`update ${FIREWALL} miki`]);
  assert.equal(ports(), ["2222", "22"]);
  assert.equal((await stack.up()).steps, [`update ${FIREWALL} miki`]);
  assert.equal(ports(), ["2222"]);
  assert.equal((await stack.up()).counts, {});
});

real.run();
