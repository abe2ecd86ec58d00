import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { LoadedRepository } from "../../../generators/model/inputs.js";
import { EMPTY_LOCK } from "../../../generators/model/lock.js";
import { validateSchemas } from "../../../generators/validate/schema.js";
import { FLEET } from "../../support/fleets.js";

/** An environment names what the fleet has. */

function repositoryOf(environment: object): LoadedRepository {
  const metal = {
    platform: "bareMetal",
    site: "dc",
    address: { ipv4: "203.0.113.9/24" },
    disks: { layout: "zfs", device: "/dev/nvme0n1" },
    tags: ["old"],
  };
  return {
    root: "/nowhere",
    fleet: { name: "fleet", file: "hosts/fleet.ts", value: FLEET },
    hosts: [{ name: "one", file: "hosts/one.ts", value: metal }],
    hostNames: new Set(["one"]),
    environment: { name: "dev", file: "hosts/environments/dev.ts", value: environment },
    lock: EMPTY_LOCK,
    lockFile: "hosts/environments/dev.lock.json",
    problems: [],
  };
}

const overlay = suite("load: environments");

overlay("a misspelt site, cluster or host is a problem of the environment's own file, and the only one", () => {
  const { problems } = validateSchemas(
    repositoryOf({ sites: { hom6: { ipv4: "nat" } }, clusters: { cat: {} }, hosts: { onne: { tags: [] } } }),
  );
  assert.equal(
    problems.map(({ code, origins }) => [code, origins[0]?.file, origins[0]?.path]),
    [
      ["unknown-host", "hosts/environments/dev.ts", ["hosts", "onne"]],
      ["unknown-site", "hosts/environments/dev.ts", ["sites", "hom6"]],
      ["unknown-cluster", "hosts/environments/dev.ts", ["clusters", "cat"]],
    ],
  );
  assert.match(problems[1]?.hint ?? "", /^did you mean `home6`\? An environment changes sites of the fleet/);
});

overlay("a builder's result has its own address and disks or none, and keeps what is not the machine's", () => {
  const { inputs, problems } = validateSchemas(
    repositoryOf({ hosts: { one: { platform: "proxmoxVm", site: "nat", node: "laptop" } } }),
  );
  assert.equal(problems, []);
  const { address, disks, tags } = inputs?.hosts.get("one")?.value ?? {};
  assert.equal([address, disks, tags], [undefined, undefined, ["old"]]);
});

overlay("single fields are merged, and `undefined` takes one away", () => {
  const { inputs } = validateSchemas(
    repositoryOf({ hosts: { one: { address: { gateway4: "203.0.113.1" }, disks: undefined } } }),
  );
  const { address, disks } = inputs?.hosts.get("one")?.value ?? {};
  assert.equal([address, disks], [{ ipv4: "203.0.113.9/24", gateway4: "203.0.113.1" }, undefined]);
});

overlay.run();
