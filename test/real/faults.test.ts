import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HostStatus, LabState, UnitStatus } from "../../lab/protocol.js";
import { PACKAGE } from "../cli/process.js";
import { Labs, onLab } from "./support/lab.js";
import { Pings } from "./support/pings.js";
import { eventually } from "./support/wait.js";

/** Every fault of `lab break`: seen to happen, and to be gone once it is healed. A fault that changes nothing fails here. */

const real = suite("real: faults");
const test = onLab(real);

const labs = new Labs();
const home = new Labs(join(PACKAGE, "examples/pis-and-proxmox"));
const pings = new Pings(labs);
const homePings = new Pings(home);

real.after(async () => {
  await Promise.all([labs.run("down"), home.run("down")]);
});

/** Addresses of the hosts' uplinks, below the mesh. */
const UPLINK = { cosmo4: "203.0.113.10", cosmo6: "2001:db8:a::10", maco4: "203.0.113.11", miki4: "198.51.100.20" };

/** Somebody in the internet itself: the lab's stand-in for resolvers. */
const RESOLVER = "9.9.9.9";

async function readState(lab = labs): Promise<LabState> {
  return JSON.parse(await lab.must("status", "--json")).state;
}

async function readHost(name: string): Promise<HostStatus> {
  const found = (await readState()).hosts.find((host) => host.name === name);
  assert.ok(found !== undefined, name);
  return found;
}

async function readUnit(host: string, name: string): Promise<UnitStatus> {
  const found = (await readHost(host)).units.find((unit) => unit.name === name);
  assert.ok(found !== undefined, `${host} ${name}`);
  return found;
}

/** Breaks, looks, heals, and looks whether nothing is broken any more. */
async function whileBroken(fault: readonly string[], look: () => Promise<void>): Promise<void> {
  await labs.must("break", ...fault);
  assert.is((await readState()).faults.length, 1);
  await look();
  await labs.must("heal", fault[0] ?? "", fault[1] ?? "");
  assert.equal((await readState()).faults, []);
}

test("nothing is broken: everybody whom the tests ask is there", async () => {
  await labs.must("up");
  for (const address of [UPLINK.maco4, UPLINK.miki4]) await pings.reachesAgain("cosmo", address);
  for (const address of [UPLINK.cosmo4, UPLINK.cosmo6, UPLINK.miki4]) await pings.reachesAgain("ari", address);
});

test("kill", async () => {
  await whileBroken(["kill", "miki"], async () => {
    assert.is((await readHost("miki")).state, "off");
    assert.not.ok(await pings.reaches("cosmo", UPLINK.miki4));
    const { code, stderr } = await labs.run("exec", "miki", "--", "true");
    assert.is(code, 1);
    assert.match(stderr, /miki/);
  });
  assert.is((await readHost("miki")).state, "up");
  await pings.reachesAgain("cosmo", UPLINK.miki4);
});

test("freeze", async () => {
  const before = await readUnit("maco", "consul");
  // The kernel still answers pings; its daemons do not answer anybody.
  const name = "maco.mesh.cats.example.org";
  const ask = () => labs.run("exec", "cosmo", "--", "dig", "+time=1", "+tries=1", `@${name}`, name);
  const answers = async () => (await ask()).code === 0;
  await eventually("maco's Unbound answers", answers);
  await whileBroken(["freeze", "maco"], async () => {
    assert.is((await readHost("maco")).state, "frozen");
    assert.not.ok(await answers());
  });
  await eventually("maco's Unbound answers again", answers);
  const after = await readUnit("maco", "consul");
  assert.is(after.pid, before.pid, "a thawed host goes on as it was");
});

test("kill-unit: the daemon stays dead until it is healed", async () => {
  const ask = () => labs.run("exec", "ari", "--", "dig", "+time=1", "+tries=1", "cosmo.mesh.cats.example.org");
  const answers = async () => (await ask()).code === 0;
  await eventually("ari's Unbound answers", answers);
  await whileBroken(["kill-unit", "ari", "unbound"], async () => {
    assert.is((await readUnit("ari", "unbound")).pid, null);
    await sleep(3_000);
    assert.not.ok(await answers());
  });
  await eventually("ari's Unbound answers again", answers);
});

test("kill-unit --restart: the daemon comes back as its unit says", async () => {
  const before = await readUnit("ari", "unbound");
  await labs.must("break", "kill-unit", "ari", "unbound", "--restart");
  await eventually("another process", async () => {
    const { pid } = await readUnit("ari", "unbound");
    return pid !== null && pid !== before.pid;
  });
  assert.is((await readUnit("ari", "unbound")).restarts, before.restarts + 1);
  await labs.must("heal");
});

test("cut", async () => {
  await whileBroken(["cut", "dusseldorf"], async () => {
    assert.not.ok(await pings.reaches("cosmo", UPLINK.miki4));
    assert.not.ok(await pings.reaches("ari", UPLINK.cosmo6));
    // Inside of the site nothing changes.
    await pings.reachesAgain("cosmo", UPLINK.maco4);
  });
  await pings.reachesAgain("cosmo", UPLINK.miki4);
});

test("slow --delay", async () => {
  const before = await pings.fastest("ari", UPLINK.cosmo6);
  await whileBroken(["slow", "london", "--delay", "200"], async () => {
    const slow = await pings.fastest("ari", UPLINK.cosmo6);
    // 200 ms each way instead of 10: less would be another line's.
    assert.ok(slow > before + 300, `${before} ms before, ${slow} ms now`);
  });
  await eventually("it is fast again", async () => (await pings.fastest("ari", UPLINK.cosmo6)) < 300);
});

test("slow --loss", async () => {
  // One that says nothing of a whole line, and one of each packet: each is lost or not by itself, there and back.
  await whileBroken(["slow", "london", "--loss", "100"], async () => {
    assert.not.ok(await pings.reaches("ari", UPLINK.cosmo6));
  });
  await whileBroken(["slow", "london", "--loss", "30"], async () => {
    const { back } = await pings.many("ari", UPLINK.cosmo6, "-c", "60", "-i", "0.05");
    // 29 of 60 are to be expected; so far off it is once in millions of times.
    assert.ok(back > 8 && back < 52, `${back} of 60`);
  });
  await eventually("nothing is lost any more", async () => {
    return (await pings.many("ari", UPLINK.cosmo6, "-c", "20", "-i", "0.05")).back === 20;
  });
});

test("slow --rate", async () => {
  // 20 packets at once, of 1,448 bytes with their headers: at 1 Mbit/s the last one has been sent after 232 ms. A line keeps what it
  // cannot send for 250 ms, and no longer.
  const transfer = ["-c", "20", "-l", "20", "-s", "1400"];
  const before = await pings.many("ari", UPLINK.cosmo6, ...transfer);
  assert.is(before.back, 20);
  await whileBroken(["slow", "london", "--rate", "1"], async () => {
    const slow = await pings.many("ari", UPLINK.cosmo6, ...transfer);
    assert.is(slow.back, 20);
    // With the way there and back, which is 40 ms at least.
    assert.ok(slow.slowest >= 265, `${slow.slowest} ms, and ${before.slowest} ms before`);
    assert.ok(slow.slowest > before.slowest + 100, `${slow.slowest} ms, and ${before.slowest} ms before`);
  });
  await eventually("all are back sooner than a slow line can be", async () => {
    const after = await pings.many("ari", UPLINK.cosmo6, ...transfer);
    return after.back === 20 && after.slowest < 265;
  });
});

test("slow --delay --loss --rate: all of them at the same time", async () => {
  const fault = ["slow", "london", "--delay", "150", "--loss", "20", "--rate", "1"];
  await whileBroken(fault, async () => {
    const { back, slowest } = await pings.many("ari", UPLINK.cosmo6, "-c", "50", "-l", "50", "-s", "1400");
    assert.ok(back > 8 && back < 50, `${back} of 50`);
    // What is lost is not sent, so that less is certain of the rate: 8 packets take 93 ms.
    assert.ok(slowest > 2 * 160 + 93, `${slowest} ms`);
  });
});

test("partition", async () => {
  await whileBroken(["partition", "dusseldorf", "nuremberg"], async () => {
    assert.not.ok(await pings.reaches("cosmo", UPLINK.miki4));
    await pings.reachesAgain("ari", UPLINK.cosmo6);
    await pings.reachesAgain("ari", UPLINK.miki4);
  });
  await pings.reachesAgain("cosmo", UPLINK.miki4);
});

test("drop-family", async () => {
  await whileBroken(["drop-family", "london", "ipv6"], async () => {
    assert.not.ok(await pings.reaches("ari", UPLINK.cosmo6));
    await pings.reachesAgain("ari", UPLINK.cosmo4);
  });
  await pings.reachesAgain("ari", UPLINK.cosmo6);
  await whileBroken(["drop-family", "london", "ipv4"], async () => {
    assert.not.ok(await pings.reaches("ari", UPLINK.cosmo4));
    await pings.reachesAgain("ari", UPLINK.cosmo6);
  });
  await pings.reachesAgain("ari", UPLINK.cosmo4);
});

test("shrink-mtu", async () => {
  const large = ["-M", "do", "-s", "1400"];
  await pings.reachesAgain("cosmo", UPLINK.miki4, ...large);
  await whileBroken(["shrink-mtu", "nuremberg", "1300"], async () => {
    assert.not.ok(await pings.reaches("cosmo", UPLINK.miki4, ...large));
    await pings.reachesAgain("cosmo", UPLINK.miki4, "-M", "do", "-s", "1200");
  });
  await pings.reachesAgain("cosmo", UPLINK.miki4, ...large);
  await labs.must("down");
});

test("renumber: the world finds the site at another address, and no more at the old one", async () => {
  await home.must("up", "--delay", "home=60");
  const readAddress = async () => (await readState(home)).sites.find(({ name }) => name === "home")?.wan4 ?? "";
  const before = await readAddress();
  await homePings.reachesAgain("burst", before);
  // Lines of their own from the beginning: home's has 60 ms each way, that of burst's site 10 as usual.
  const [far, near] = [await homePings.fastest("burst", before), await homePings.fastest("burst", RESOLVER)];
  assert.ok(far >= 140, `${far} ms`);
  assert.ok(near >= 20 && near < 120, `${near} ms`);
  await home.must("break", "renumber", "home");
  const after = await readAddress();
  assert.is.not(after, before);
  await homePings.reachesAgain("burst", after);
  assert.not.ok(await homePings.reaches("burst", before), before);
  await home.must("down");
});

real.run();
