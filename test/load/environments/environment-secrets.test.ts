import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadRepository } from "../../../generators/load/repository.js";
import { planFleet } from "../../../generators/plan/plan.js";
import { resolveFleet } from "../../../generators/validate/resolve.js";
import { runPlanRules } from "../../../generators/validate/rules.js";
import { validateSchemas } from "../../../generators/validate/schema.js";
import { type Files, problemsOf, withRepository } from "../repositories.js";

/** An environment's own secrets: declared as the fleet's are, with files, values and a lock of their own. */

const FILES: Files = {
  "hosts/fleet.ts": `import { defineFleet } from "meshflake";

export default defineFleet({
  name: "cats",
  domain: "cats.example.org",
  admins: {},
  sites: { home: { ipv4: "public", ipv6: "public" } },
  mesh: { ipv4: "10.10.0.0/16" },
  secrets: { smtp: { owner: "mail", hosts: ["a", "b"] }, backup: {} },
});
`,
  "hosts/a.ts": `import fleet from "./fleet";

export default fleet.bareMetal({ site: "home", secrets: { photos: { owner: "photos", mode: "440" } } });
`,
  "hosts/b.ts": 'import fleet from "./fleet";\n\nexport default fleet.bareMetal({ site: "home" });\n',
  "hosts/environments/dev.ts": `import fleet from "../fleet";

export default fleet.environment({
  secrets: { smtp: { hosts: ["b"] }, backup: { hosts: [] }, debug: { group: "users" } },
  hosts: { a: { secrets: { photos: { owner: "root" }, trace: {} } } },
});
`,
  "hosts/environments/dev.lock.json": JSON.stringify({
    version: 2,
    hosts: {
      b: { age: "age1uwcked2x8xjykhcrmht4zu89l4h7gdmvjy9nu9tqdw4vk2ftvgtq9xj565" },
    },
    clusters: { cats: { secrets: { smtp: { id: "0123456789abcdef0123456789abcdef", readers: ["b"] } } } },
  }),
};

/** The own secrets of the fleet or of the environment: who is to read each, and what the rules say. */
async function secretsOf(environment?: string) {
  const own: Record<string, readonly string[]> = {};
  const files: string[] = [];
  const said: string[] = [];
  await withRepository(FILES, async (root) => {
    const repository = await loadRepository(root, environment === undefined ? {} : { environment });
    const { inputs, problems } = validateSchemas(repository);
    assert.equal([...repository.problems, ...problems], []);
    if (inputs === null) throw new Error("no inputs");
    const fleet = resolveFleet(inputs);
    const plan = planFleet(fleet, inputs.lock);
    for (const { name, kind, readers } of plan.secrets.values()) if (kind === "own") own[name] = readers;
    for (const { host, secrets } of plan.hosts.values()) {
      for (const { name, file, owner, group, mode } of secrets)
        if (name === "smtp" || name === "photos") files.push(`${host.name} ${file} ${owner}:${group} ${mode}`);
    }
    for (const { code, origins, message, hint } of runPlanRules({ inputs, fleet, plan })) {
      if (code.startsWith("secret-")) said.push(`${origins[0]?.file} ${message}; ${hint}`);
    }
  });
  return { own, files, said };
}

const test = suite("load: secrets of environments");

test("what differs is merged, what is new is added, and hosts may be none", async () => {
  assert.equal((await secretsOf()).own, {
    "a/photos": ["a"],
    "cats/backup": ["a", "b"],
    "cats/smtp": ["a", "b"],
  });
  assert.equal((await secretsOf("dev")).own, {
    "a/photos": ["a"],
    "a/trace": ["a"],
    "cats/debug": ["a", "b"],
    "cats/smtp": ["b"],
  });
});

test("values are the environment's own: its files, its lock, its commands", async () => {
  const { files, said } = await secretsOf("dev");
  assert.equal(files, ["b secrets/environments/dev/cats/smtp.age mail:root 0400"]);
  assert.equal(said.sort(), [
    "hosts/environments/dev.ts the secret a/photos has no value yet, and a goes without it; run `meshflake secrets set a/photos --env dev`",
    "hosts/environments/dev.ts the secret a/trace has no value yet, and a goes without it; run `meshflake secrets set a/trace --env dev`",
    "hosts/environments/dev.ts the secret cats/debug has no value yet, and a and b go without it; run `meshflake secrets set cats/debug --env dev`",
  ]);
  assert.equal((await secretsOf()).said, [
    "hosts/fleet.ts the secret cats/smtp has no value yet, and a and b go without it; run `meshflake secrets set cats/smtp`",
    "hosts/fleet.ts the secret cats/backup has no value yet, and a and b go without it; run `meshflake secrets set cats/backup`",
    "hosts/a.ts the secret a/photos has no value yet, and a goes without it; run `meshflake secrets set a/photos`",
  ]);
});

test("a mistake in it is one of the environment's own file", async () => {
  const broken =
    'import fleet from "../fleet";\n\nexport default fleet.environment({\n  secrets: { smtp: { mode: "rw" } },\n});\n';
  const [problem = ""] = await problemsOf({ ...FILES, "hosts/environments/dev.ts": broken }, "dev");
  assert.match(problem, /^hosts\/environments\/dev\.ts:4:22 pattern secrets\.smtp\.mode: /);
});

test.run();
