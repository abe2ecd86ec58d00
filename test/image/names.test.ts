import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findImage, PLATFORM_IMAGES } from "../../cli/image/names.js";
import { UserError } from "../../generators/model/problem.js";
import { printBindings } from "../../generators/render/nix/nix.js";
import { PACKAGE } from "../cli/process.js";
import { baseOf } from "../render/plans.js";
import { FLEET, pi, planOf, publicHost } from "../support/fleets.js";

const image = suite("image: names");
const { fleet } = planOf(FLEET, { cosmo: publicHost(10), bianco: pi("cgnat") });
const environment = { environment: "dev", hosts: fleet.hosts };

function failure(run: () => unknown): UserError {
  try {
    run();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

image("a host's image is its own system's", () => {
  assert.equal(findImage(fleet, "bianco", undefined), {
    kind: "host",
    name: "bianco",
    arch: "aarch64",
    attribute: "nixosConfigurations.bianco.config.system.build.platformImage",
  });
  assert.match(findImage(environment, "bianco", "aarch64").attribute, /^nixosConfigurations\.dev-bianco\.config\./);
});

image("a platform's image is for the usual architecture, or the one asked for", () => {
  assert.is(findImage(fleet, "raspberry-pi-4", undefined).attribute, "packages.aarch64-linux.image-raspberry-pi-4");
  assert.is(findImage(fleet, "hetzner-vm", undefined).attribute, "packages.x86_64-linux.image-hetzner-vm");
  assert.is(findImage(fleet, "hetzner-vm", "aarch64").attribute, "packages.aarch64-linux.image-hetzner-vm");
});

image("a host goes before a platform of its name", () => {
  const { fleet } = planOf(FLEET, { "bare-metal": publicHost(10) });
  assert.is(findImage(fleet, "bare-metal", undefined).kind, "host");
});

image("what there is no image of is said, with what was meant", () => {
  assert.match(failure(() => findImage(fleet, "bianca", undefined)).hint ?? "", /bianco/);
  assert.match(failure(() => findImage(fleet, "raspberry-pi4", undefined)).hint ?? "", /raspberry-pi-4/);
  assert.match(failure(() => findImage(fleet, "toString", undefined)).message, /neither a host nor a platform/);
  assert.match(failure(() => findImage(fleet, "raspberry-pi-4", "x86_64")).message, /no image for x86_64/);
  assert.match(failure(() => findImage(fleet, "bianco", "x86_64")).hint ?? "", /aarch64/);
});

image("the flake has the platforms that the command names", () => {
  const text = readFileSync(join(PACKAGE, "modules/images/default.nix"), "utf8");
  for (const name of Object.keys(PLATFORM_IMAGES)) assert.ok(text.includes(name), name);
  const known: readonly string[] = Object.keys(PLATFORM_IMAGES);
  const named = [...text.matchAll(/^ {6}([a-z-]+) = \[|"(raspberry-pi-\d)"/gm)].map(([, one, two]) => one ?? two ?? "");
  assert.equal(named.sort(), [...known].sort());
});

image("every platform says what its image is", () => {
  const folder = join(PACKAGE, "modules/platforms");
  const modules = readdirSync(folder);
  assert.ok(modules.length >= 6);
  for (const file of modules) {
    assert.match(
      readFileSync(join(folder, file), "utf8"),
      /^ {2}# Image: .*[\s\S]*^ {2}system\.build\.platformImage =/m,
      file,
    );
  }
});

image("a platform's disk is laid out as its hosts' are", () => {
  const text = readFileSync(join(PACKAGE, "modules/images/layout.nix"), "utf8");
  for (const input of [publicHost(10), publicHost(10, { platform: "proxmoxVm", node: "pve" })]) {
    const { disks } = baseOf(input);
    assert.ok(disks !== null);
    assert.ok(text.includes(printBindings(disks, { indent: 2 })), `${text}\n${printBindings(disks, { indent: 2 })}`);
  }
});

image.run();
