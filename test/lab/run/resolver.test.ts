import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lanResolverConfig } from "../../../lab/run/world/lan-resolvers.js";
import { Resolver, resolverConfig } from "../../../lab/run/world/resolver.js";
import type { WorldSpec } from "../../../lab/spec.js";

const resolver = suite("lab: the internet's resolver");

const SPEC: Pick<WorldSpec, "names" | "resolvers"> = {
  names: [
    { name: "home.example.net", family: "ipv4", address: "198.51.100.7", site: "home" },
    { name: "six.example.net", family: "ipv6", address: "2001:db8::7" },
  ],
  resolvers: [
    { address: "9.9.9.9", port: 853, tlsName: "dns.example.org" },
    { address: "2620:fe::fe", port: 853, tlsName: "dns.example.org" },
    { address: "1.1.1.1", port: 8853, tlsName: "other.example.org" },
    { address: "203.0.113.53", port: 53, tlsName: null },
  ],
};

const has = (program: string): boolean => spawnSync(program, ["-h"]).error === undefined;

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "meshflake-resolver-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

resolver("it answers at every address, over TLS where that has a name, and knows nothing but its names", () => {
  const config = resolverConfig("/x", SPEC).split("\n");
  const lines = (word: string) =>
    config.filter((line) => line.trim().startsWith(`${word}:`)).map((line) => line.trim());
  assert.equal(
    lines("interface"),
    ["9.9.9.9@853", "2620:fe::fe@853", "1.1.1.1@8853", "203.0.113.53@53"].map((one) => `interface: ${one}`),
  );
  assert.equal(lines("tls-port"), ["tls-port: 853"]);
  assert.equal(lines("tls-additional-port"), ["tls-additional-port: 8853"]);
  assert.equal(lines("local-zone"), ['local-zone: "." static']);
  assert.equal(lines("local-data"), [
    'local-data: "home.example.net. 30 IN A 198.51.100.7"',
    'local-data: "six.example.net. 30 IN AAAA 2001:db8::7"',
    'local-data: "public.example.org. 30 IN A 192.0.2.80"',
  ]);
});

resolver("Unbound takes it, with certificates that its authority vouches for", async () => {
  if (!has("openssl") || !has("unbound-checkconf")) return console.log("not tried, for want of openssl and unbound");
  await inFolder(async (folder) => {
    const { certificates } = await Resolver.prepare(folder, SPEC);
    assert.match(certificates, /^-----BEGIN CERTIFICATE-----/);
    writeFileSync(join(folder, "unbound.conf"), resolverConfig(folder, SPEC));
    const checked = spawnSync("unbound-checkconf", [join(folder, "unbound.conf")], { encoding: "utf8" });
    assert.is(checked.status, 0, checked.stderr);
    const verify = (name: string) =>
      spawnSync("openssl", ["verify", "-CAfile", "ca.pem", "-verify_hostname", name, "server.pem"], { cwd: folder });
    assert.is(verify("dns.example.org").status, 0);
    assert.is(verify("other.example.org").status, 0);
    assert.is.not(verify("evil.example.org").status, 0);
  });
});

resolver("without TLS there is nothing to trust", () =>
  inFolder(async (folder) => {
    const { certificates } = await Resolver.prepare(folder, { names: [], resolvers: SPEC.resolvers.slice(3) });
    assert.is(certificates, "");
  }),
);

const LAN = {
  gateways: ["192.168.7.1/24", "fe80::1/64"],
  names: [
    { name: "nas.lan", address: "192.168.7.20" },
    { name: "nas.lan", address: "2001:db8:7::20" },
  ],
};

resolver("a site's router answers with the names of its LAN, at its own address", async () => {
  if (process.getuid?.() !== 0 || !has("dig")) return console.log("not tried, for want of root, or of dig");
  await inFolder(async (folder) => {
    const config = join(folder, "unbound.conf");
    writeFileSync(config, lanResolverConfig(folder, LAN));
    const script = `ip link set lo up && ip addr add 192.168.7.1/24 dev lo && { unbound -d -c "$1" & sleep 1
      dig +short @192.168.7.1 nas.lan; dig +short @192.168.7.1 nas.lan AAAA; dig @192.168.7.1 example.net | grep -o NXDOMAIN; kill $!; wait; }`;
    const { stdout, stderr } = spawnSync("unshare", ["--net", "bash", "-c", script, "lan", config], {
      encoding: "utf8",
    });
    assert.equal(stdout.trim().split("\n"), ["192.168.7.20", "2001:db8:7::20", "NXDOMAIN"], stderr);
  });
});

resolver.run();
