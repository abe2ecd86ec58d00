import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  COMMON_HOST_FIELDS,
  checkEnvironment,
  checkFleet,
  checkHost,
} from "../../generators/model/generated/schema.js";
import { PLATFORMS } from "../../generators/model/vocabulary.js";

/** What the build makes of the input interfaces. */

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

interface Published {
  readonly anyOf?: readonly { readonly properties: Readonly<Record<string, { readonly const?: string }>> }[];
  readonly properties?: Readonly<Record<string, unknown>>;
}

const test = suite("load: generated checks");

test("they need no Ajv at run time", () => {
  const imports = /\brequire\(|\bimport\b/;
  assert.not.match(read("generators/model/generated/schema.js"), imports);
  assert.match('const x = require("ajv/dist/runtime/equal")', imports);
});

test("they accept the least that each platform needs", () => {
  const least: Readonly<Record<string, object>> = {
    raspberryPi: { model: 3 },
    proxmoxLxc: { node: "pve" },
    proxmoxVm: { node: "pve" },
    hetznerVm: { serverType: "cx23", location: "nbg1" },
    contaboVm: {},
    bareMetal: {},
  };
  for (const platform of PLATFORMS) {
    assert.ok(checkHost({ platform, site: "home", ...least[platform] }), platform);
    assert.not.ok(checkHost({ platform, ...least[platform] }), `${platform} without a site`);
  }
  const home = { ipv4: "cgnat", ipv6: "none" };
  const fleet = { name: "a", domain: "a", admins: {}, sites: { home }, mesh: { ipv4: "10.0.0.0/8" } };
  assert.ok(checkFleet(fleet));
  assert.not.ok(checkFleet({ ...fleet, mesh: undefined }));
  assert.ok(checkEnvironment({}));
  assert.not.ok(checkEnvironment({ hosts: { a: true } }));
});

test("common fields are those of every platform", () => {
  for (const field of ["site", "address", "nixos"]) assert.ok(COMMON_HOST_FIELDS.includes(field), field);
  for (const field of ["model", "node", "memory"]) assert.not.ok(COMMON_HOST_FIELDS.includes(field), field);
});

test("published schemas know every platform, and their own key", () => {
  const host: Published = JSON.parse(read("dist/schema/host.json"));
  assert.equal(host.anyOf?.map(({ properties }) => properties.platform?.const).sort(), [...PLATFORMS].sort());
  for (const { properties } of host.anyOf ?? []) assert.ok(properties.$schema);
  for (const name of ["fleet", "environment"]) {
    const schema: Published = JSON.parse(read(`dist/schema/${name}.json`));
    assert.ok(schema.properties?.$schema, name);
  }
});

test.run();
