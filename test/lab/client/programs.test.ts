import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UserError } from "../../../generators/model/problem.js";
import { findPrograms, listNeeded, searchPath } from "../../../lab/client/start/programs.js";
import type { LabSpec, UnitSpec } from "../../../lab/spec.js";
import { makeFolder } from "../../cli/process.js";
import { host } from "../checks/lab.js";

const programs = suite("lab: programs");

const KERNEL = { wireguard: "kernel", lines: "netem" } as const;

function unit(name: string, before: readonly string[][] = []): UnitSpec {
  return { name, exec: [name, "run"], before, restart: "always", restartMs: 100, after: [] };
}

function spec(...units: UnitSpec[]): LabSpec {
  return {
    version: 1,
    name: "cats",
    fleet: "cats",
    environment: null,
    domain: "cats.example.org",
    world: { sites: [], names: [], resolvers: [] },
    hosts: [host("a", "10.0.0.1", { units })],
    clusters: [],
  };
}

function install(folder: string, ...names: string[]): void {
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    writeFileSync(join(folder, name), "#!/bin/sh\n");
    chmodSync(join(folder, name), 0o755);
  }
}

programs("what a lab needs follows from its units, and from the kernel", () => {
  const bare = listNeeded(spec(), KERNEL);
  for (const name of ["ip", "nft", "tc", "wg", "unshare", "nsenter"]) assert.ok(bare.includes(name), name);
  for (const name of ["consul", "nomad", "bird", "wireguard-go", "meshflake-line"])
    assert.not.ok(bare.includes(name), name);
  const full = listNeeded(spec(unit("consul"), unit("bird"), unit("own", [["nomad", "version"]])), KERNEL);
  for (const name of ["consul", "bird", "birdc", "nomad"]) assert.ok(full.includes(name), name);
  assert.not.ok(full.includes("own"));
  const old = listNeeded(spec(), { wireguard: "wireguard-go", lines: "meshflake-line" });
  assert.ok(old.includes("wireguard-go") && old.includes("meshflake-line"));
});

programs("PATH comes before MESHFLAKE_TOOLS, and both before the cache and the folders of administrators", () => {
  const [first, second, third, ...rest] = searchPath({ PATH: "/a", MESHFLAKE_TOOLS: "/b" }).split(":");
  assert.equal([first, second], ["/a", "/b"]);
  assert.match(third ?? "", /\.cache\/meshflake\/tools$/);
  assert.ok(rest.includes("/usr/sbin"));
});

programs("programs are found where they are", () => {
  const [a, b] = [makeFolder(), makeFolder()];
  install(a, "ip");
  install(b, "ip", "nft");
  assert.equal(findPrograms(["ip", "nft"], `${a}:${b}`), { ip: join(a, "ip"), nft: join(b, "nft") });
});

programs("all that are missing are named at once, with their packages", () => {
  const folder = makeFolder();
  install(folder, "ip");
  let error: unknown;
  try {
    findPrograms(["ip", "bird", "birdc", "consul", "ping", "meshflake-line"], folder);
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error instanceof UserError);
  const { message, hint = "", exitCode } = error;
  assert.is(message, "bird, birdc, consul, ping, meshflake-line are not installed, and the lab needs them");
  assert.match(hint, /Debian: apt install --no-install-recommends bird2 iputils-ping\n/);
  assert.match(hint, /npm run lab:tools, which builds consul meshflake-line\n/);
  assert.match(hint, /Nix: bird2 consul iputils meshflake-line, or nix develop/);
  assert.is(exitCode, 1);
});

programs.run();
