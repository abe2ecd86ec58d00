import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Observation } from "../../lab/observe/observe.js";
import { PACKAGE, runCli } from "../cli/process.js";
import { Labs, onLab } from "./support/lab.js";
import { Pings } from "./support/pings.js";
import { eventually } from "./support/wait.js";

/** The reference fleet in a lab, as a person uses it: up, a look at it, down. */

const real = suite("real: a lab of the reference fleet");
const test = onLab(real);

const labs = new Labs();
const HOSTS = ["ari", "bianco", "cosmo", "maco", "miki", "ziggy"];

real.after(async () => {
  await labs.run("down");
});

test("it comes up, with every host of the fleet", async () => {
  await labs.must("up");
  const seen: Observation = JSON.parse(await labs.must("status", "--json"));
  assert.equal(
    seen.state.hosts.map(({ name, state }) => [name, state]),
    HOSTS.map((name) => [name, "up"]),
  );
  assert.equal(
    seen.clusters.map(({ name, lacks }) => [name, lacks]),
    [["cats", []]],
  );
});

test("a lab that is ready knows its names at once", async () => {
  const names = HOSTS.map((host) => `${host}.node.consul`);
  const said = await Promise.all(HOSTS.map((host) => labs.must("exec", host, "--", "dig", "+short", ...names)));
  // Each name has one address.
  assert.match(said[0] ?? "", /^(10\.10\.\d+\.\d+\n){6}$/);
  for (const [index, answers] of said.entries()) assert.is(answers, said[0], HOSTS[index]);
});

test("hosts find each other by name, and have one leader", async () => {
  for (const host of HOSTS) await new Pings(labs).reachesAgain(host, "cosmo.node.consul");
  // Offices change hands, and not everybody hears of it at the same moment.
  await eventually("everybody has the same leader", async () => {
    const leaders = await Promise.all(
      HOSTS.map((host) => labs.must("exec", host, "--", "curl", "-s", "http://127.0.0.1:8500/v1/status/leader")),
    );
    return new Set(leaders).size === 1 && /^"10\.10\.\d+\.\d+:8300"/.test(leaders[0] ?? "");
  });
});

test("of the person's environment only the terminal's is on a host", async () => {
  const env = { ...labs.env, CONSUL_HTTP_TOKEN: "planted", TERM: "vt100" };
  const { stdout } = await runCli(["lab", "exec", "ari", "--", "env"], { cwd: PACKAGE, env });
  assert.match(stdout, /^TERM=vt100$/m);
  assert.match(stdout, /^HOME=\/root$/m);
  assert.not.match(stdout, /planted/);
});

test("down leaves nothing", async () => {
  assert.match(await labs.must("list"), /cats/);
  await labs.must("down");
  assert.not.match(await labs.must("list"), /cats/);
  assert.is((await labs.run("status")).code, 1);
});

real.run();
