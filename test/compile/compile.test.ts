import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileFleet } from "../../generators/compile.js";
import { FleetError } from "../../generators/model/problem.js";

/** The whole way from host files to a proven plan. */

const FLEET = `import { defineFleet } from "meshflake";

export default defineFleet({
  name: "casa",
  domain: "casa.example.org",
  admins: {
    nico: {
      sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFZcmSBBkjGyuPYDvWRkl8t5EMJoTZf3XDfVW4rUrRmZ nico@example.org"],
      age: "age1xufvgr67xm8gcgqdqs7f7dqlzd45mrxrngkpmgjndrejl5gel99qsrrz4s",
    },
  },
  sites: {
    home: { ipv4: "portForwarded", ipv6: "none", dynamic: true },
    away: { ipv4: "cgnat", ipv6: "none" },
  },
  mesh: { ipv4: "10.10.0.0/16" },
  accept: { "voters-one": "a home" },
});
`;

const PI = `import fleet from "./fleet";

export default fleet.raspberryPi({
  site: "home",
  model: 4,
  mesh: { endpoint: "home.dyn.example.net:51820" },
  nomad: { server: true },
  consul: { server: true },
});
`;

const FAR = 'import fleet from "./fleet";\n\nexport default fleet.raspberryPi({ site: "away", model: 4 });\n';

async function withFleet<T>(files: Readonly<Record<string, string>>, use: (root: string) => Promise<T>): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), "meshflake-compile-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return await use(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

const compile = suite("compile");

compile("a new host behind a dynamic address is proven before it has a key", async () => {
  const files = { "hosts/fleet.ts": FLEET, "hosts/pi.ts": PI, "hosts/far.ts": FAR };
  const { plan, problems, views } = await withFleet(files, (root) => compileFleet(root));
  assert.equal(problems, []);
  assert.is(plan.hosts.get("far")?.mesh.publicKey, null);
  assert.is(views.get("far")?.mesh.reresolve[0]?.endpoint, "home.dyn.example.net:51820");
});

compile("an accepted warning stays away when there is an error, too", async () => {
  const broken = FAR.replace('"away"', '"awya"');
  const files = { "hosts/fleet.ts": FLEET, "hosts/pi.ts": PI, "hosts/far.ts": broken };
  const problems = await withFleet(files, async (root) => {
    try {
      return (await compileFleet(root)).problems;
    } catch (error) {
      if (error instanceof FleetError) return error.problems;
      throw error;
    }
  });
  assert.equal(
    problems.map(({ code }) => code),
    ["unknown-site"],
  );
});

const RELAYED = FLEET.replace(
  /sites: \{[^}]*\},[^}]*\},\n {2}\}/,
  `sites: {
    dc: { ipv4: "public", ipv6: "public" },
    dc6: { ipv4: "none", ipv6: "public" },
    away: { ipv4: "cgnat", ipv6: "none" },
    there: { ipv4: "cgnat", ipv6: "none" },
  }`,
)
  .replace('"10.10.0.0/16"', '"10.10.0.0/16", relays: ["one", "two"]')
  .replace('"voters-one": "a home"', "ACCEPTED");

const relay = (site: string, address: string) => `import fleet from "./fleet";

export default fleet.bareMetal({
  site: "${site}",
  address: { ${address} },
  disks: { layout: "ext4", device: "/dev/sda" },
  nomad: false,
  consul: false,
});
`;

const HOUSES = {
  "hosts/one.ts": relay("dc", 'ipv4: "203.0.113.1/24", gateway4: "203.0.113.254", ipv6: "2001:db8::1/64"'),
  "hosts/two.ts": relay("dc6", 'ipv6: "2001:db8:1::1/64"'),
  "hosts/left.ts": FAR.replace("model: 4", "model: 4, nomad: false, consul: false"),
  "hosts/right.ts": FAR.replace("away", "there").replace("model: 4", "model: 4, nomad: false, consul: false"),
};

compile("what only one of two relays can carry is a warning that a fleet may live with", async () => {
  const warned = { "hosts/fleet.ts": RELAYED.replace("ACCEPTED", ""), ...HOUSES };
  const { problems, proof } = await withFleet(warned, (root) => compileFleet(root));
  assert.equal(
    problems.map(({ code, severity, origins }) => [code, severity, origins[0]?.file]),
    [
      ["proof-single-relay", "warning", "hosts/left.ts"],
      ["proof-single-relay", "warning", "hosts/right.ts"],
    ],
  );
  assert.is(proof.survivesEveryRelay, false);
  const accepted = { ...warned, "hosts/fleet.ts": RELAYED.replace("ACCEPTED", '"proof-single-relay": "cheap"') };
  assert.equal((await withFleet(accepted, (root) => compileFleet(root))).problems, []);
});

compile.run();
