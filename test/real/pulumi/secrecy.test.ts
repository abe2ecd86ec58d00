import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CLOUDFLARE_TOKEN, HETZNER_TOKEN, PASSPHRASE, PROXMOX_PASSWORD } from "./support/engine.js";
import { onPulumi, setScene } from "./support/setup.js";

/** The state holds no secret: neither the credentials of providers, nor anything of `secrets/`. */

const real = suite("real: pulumi: secrecy");
const test = onPulumi(real);

const EXAMPLE = fileURLToPath(new URL("../../../examples/pis-and-proxmox", import.meta.url));

/** What must not be found: credentials, and the encrypted files, since whoever has an admin's key could open them. */
function listSecrets(): string[] {
  const folder = join(EXAMPLE, "secrets");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1").slice(0, 2000));
  return [HETZNER_TOKEN, PROXMOX_PASSWORD, CLOUDFLARE_TOKEN, PASSPHRASE, "AGE-SECRET-KEY-", "PRIVATE KEY", ...texts];
}

/** State is JSON, which writes a line break as `\n`. */
function findSecrets(state: string): string[] {
  return listSecrets().filter(
    (secret) => state.includes(secret) || state.includes(JSON.stringify(secret).slice(1, -1)),
  );
}

test("neither credentials nor the fleet's secrets are in the state, and the search finds planted ones", async () => {
  const { engine, repository, stack } = await setScene("examples/pis-and-proxmox");
  engine.cloud("cloudflare").add("zone", "77", () => ({ name: "hashlab.example.org" }));
  repository.edit("fleet.ts", "  mesh:", '  zone: { provider: "cloudflare" },\n  mesh:');
  const { error, text } = await stack.up();
  assert.is(error, null);
  for (const there of ["hashlab", "dnsRecord:DnsRecord"]) assert.ok(engine.readState().includes(there), there);
  assert.equal(findSecrets(engine.readState()), []);
  assert.equal(findSecrets(text), []);

  const planted = await engine.stack("planted", async () => {
    const own = listSecrets();
    return { token: own[0], file: own.at(-1), encrypted: pulumi.secret("not found: it is encrypted") };
  });
  assert.is((await planted.up()).error, null);
  assert.is(findSecrets(engine.readState()).length, 2);
});

real.run();
