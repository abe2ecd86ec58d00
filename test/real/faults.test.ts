import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HostStatus, LabState, UnitStatus } from "../../lab/protocol.js";
import { PACKAGE } from "../cli/process.js";
import { Labs, onLab } from "./support/lab.js";

/** Every fault of `lab break`: seen to happen, and to be gone once it is healed. A fault that changes nothing fails here. */

const real = suite("real: faults");
const test = onLab(real);

const labs = new Labs();
const home = new Labs(join(PACKAGE, "examples/pis-and-proxmox"));

real.after(async () => {
  await Promise.all([labs.run("down"), home.run("down")]);
});

/** What `ping` says of many packets: how many came back, and the milliseconds of the slowest. @param options of ping */
async function pingMany(
  from: string,
  address: string,
  ...options: string[]
): Promise<{ back: number; slowest: number }> {
  const { stdout, stderr } = await labs.run("exec", from, "--", "ping", "-n", "-q", "-W", "5", ...options, address);
  const [, back] = /, (\d+) received/.exec(stdout) ?? [];
  if (back === undefined) throw new Error(`ping from ${from} to ${address}: ${stdout}${stderr}`);
  const [, slowest = "NaN"] = /= [\d.]+\/[\d.]+\/([\d.]+)\//.exec(stdout) ?? [];
  return { back: Number(back), slowest: Number(slowest) };
}

/** Addresses of the hosts' uplinks, below the mesh. */
const UPLINK = { cosmo4: "203.0.113.10", cosmo6: "2001:db8:a::10", maco4: "203.0.113.11", miki4: "198.51.100.20" };

/** Somebody in the internet itself: the lab's stand-in for resolvers. */
const RESOLVER = "9.9.9.9";

/** Milliseconds there and back; null where no answer comes within two seconds. @param options of ping */
async function ping(from: string, address: string, ...options: string[]): Promise<number | null> {
  const argv = ["ping", "-n", "-c", "1", "-W", "2", ...options, address];
  const { code, stdout, stderr } = await labs.run("exec", from, "--", ...argv);
  const [, time] = /time=([\d.]+) ms/.exec(stdout) ?? [];
  if (code === 0 && time !== undefined) return Number(time);
  // 1 is ping's word for no answer.
  if (code === 1) return null;
  throw new Error(`ping from ${from} to ${address} ended with ${code}: ${stdout}${stderr}`);
}

async function reaches(from: string, address: string, ...options: string[]): Promise<boolean> {
  return (await ping(from, address, ...options)) !== null;
}

/** Asks again until it is true, or a minute is over. */
async function eventually(what: string, ask: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(500)) if (await ask()) return;
  throw new Error(`not within a minute: ${what}`);
}

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
  for (const address of [UPLINK.maco4, UPLINK.miki4]) assert.ok(await reaches("cosmo", address), address);
  for (const address of [UPLINK.cosmo4, UPLINK.cosmo6, UPLINK.miki4]) assert.ok(await reaches("ari", address), address);
});

test("kill", async () => {
  await whileBroken(["kill", "miki"], async () => {
    assert.is((await readHost("miki")).state, "off");
    assert.not.ok(await reaches("cosmo", UPLINK.miki4));
    const { code, stderr } = await labs.run("exec", "miki", "--", "true");
    assert.is(code, 1);
    assert.match(stderr, /miki/);
  });
  assert.is((await readHost("miki")).state, "up");
  assert.ok(await reaches("cosmo", UPLINK.miki4));
});

test("freeze", async () => {
  const before = await readUnit("maco", "consul");
  // The kernel still answers pings; its daemons do not answer anybody.
  const name = "maco.mesh.cats.example.org";
  const ask = () => labs.run("exec", "cosmo", "--", "dig", "+time=1", "+tries=1", `@${name}`, name);
  assert.is((await ask()).code, 0);
  await whileBroken(["freeze", "maco"], async () => {
    assert.is((await readHost("maco")).state, "frozen");
    assert.is.not((await ask()).code, 0);
  });
  assert.is((await ask()).code, 0);
  const after = await readUnit("maco", "consul");
  assert.is(after.pid, before.pid, "a thawed host goes on as it was");
});

test("kill-unit: the daemon stays dead until it is healed", async () => {
  const ask = () => labs.run("exec", "ari", "--", "dig", "+time=1", "+tries=1", "cosmo.mesh.cats.example.org");
  assert.is((await ask()).code, 0);
  await whileBroken(["kill-unit", "ari", "unbound"], async () => {
    assert.is((await readUnit("ari", "unbound")).pid, null);
    await sleep(3_000);
    assert.is.not((await ask()).code, 0);
  });
  await eventually("ari's Unbound answers", async () => (await ask()).code === 0);
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
    assert.not.ok(await reaches("cosmo", UPLINK.miki4));
    assert.not.ok(await reaches("ari", UPLINK.cosmo6));
    assert.ok(await reaches("cosmo", UPLINK.maco4), "inside of the site nothing changes");
  });
  assert.ok(await reaches("cosmo", UPLINK.miki4));
});

test("slow --delay", async () => {
  const before = (await ping("ari", UPLINK.cosmo6)) ?? Number.NaN;
  await whileBroken(["slow", "london", "--delay", "200"], async () => {
    const slow = (await ping("ari", UPLINK.cosmo6)) ?? Number.NaN;
    // 200 ms each way instead of 10: less would be another line's.
    assert.ok(slow > before + 300, `${before} ms before, ${slow} ms now`);
  });
  assert.ok(((await ping("ari", UPLINK.cosmo6)) ?? Number.NaN) < 300);
});

test("slow --loss", async () => {
  // One that says nothing of a whole line, and one of each packet: each is lost or not by itself, there and back.
  await whileBroken(["slow", "london", "--loss", "100"], async () => {
    assert.not.ok(await reaches("ari", UPLINK.cosmo6));
  });
  await whileBroken(["slow", "london", "--loss", "30"], async () => {
    const { back } = await pingMany("ari", UPLINK.cosmo6, "-c", "60", "-i", "0.05");
    // 29 of 60 are to be expected; so far off it is once in millions of times.
    assert.ok(back > 8 && back < 52, `${back} of 60`);
  });
  assert.is((await pingMany("ari", UPLINK.cosmo6, "-c", "20", "-i", "0.05")).back, 20);
});

test("slow --rate", async () => {
  // 20 packets at once, of 1,448 bytes with their headers: at 1 Mbit/s the last one has been sent after 232 ms. A line keeps what it
  // cannot send for 250 ms, and no longer.
  const transfer = ["-c", "20", "-l", "20", "-s", "1400"];
  const before = await pingMany("ari", UPLINK.cosmo6, ...transfer);
  assert.is(before.back, 20);
  await whileBroken(["slow", "london", "--rate", "1"], async () => {
    const slow = await pingMany("ari", UPLINK.cosmo6, ...transfer);
    assert.is(slow.back, 20);
    // With the way there and back, which is 40 ms at least.
    assert.ok(slow.slowest >= 265, `${slow.slowest} ms, and ${before.slowest} ms before`);
    assert.ok(slow.slowest > before.slowest + 100, `${slow.slowest} ms, and ${before.slowest} ms before`);
  });
  const after = await pingMany("ari", UPLINK.cosmo6, ...transfer);
  assert.is(after.back, 20);
  assert.ok(after.slowest < 265, `${after.slowest} ms after`);
});

test("slow --delay --loss --rate: all of them at the same time", async () => {
  const fault = ["slow", "london", "--delay", "150", "--loss", "20", "--rate", "1"];
  await whileBroken(fault, async () => {
    const { back, slowest } = await pingMany("ari", UPLINK.cosmo6, "-c", "50", "-l", "50", "-s", "1400");
    assert.ok(back > 8 && back < 50, `${back} of 50`);
    // What is lost is not sent, so that less is certain of the rate: 8 packets take 93 ms.
    assert.ok(slowest > 2 * 160 + 93, `${slowest} ms`);
  });
});

test("partition", async () => {
  await whileBroken(["partition", "dusseldorf", "nuremberg"], async () => {
    assert.not.ok(await reaches("cosmo", UPLINK.miki4));
    assert.ok(await reaches("ari", UPLINK.cosmo6));
    assert.ok(await reaches("ari", UPLINK.miki4));
  });
  assert.ok(await reaches("cosmo", UPLINK.miki4));
});

test("drop-family", async () => {
  await whileBroken(["drop-family", "london", "ipv6"], async () => {
    assert.not.ok(await reaches("ari", UPLINK.cosmo6));
    assert.ok(await reaches("ari", UPLINK.cosmo4));
  });
  assert.ok(await reaches("ari", UPLINK.cosmo6));
  await whileBroken(["drop-family", "london", "ipv4"], async () => {
    assert.not.ok(await reaches("ari", UPLINK.cosmo4));
    assert.ok(await reaches("ari", UPLINK.cosmo6));
  });
  assert.ok(await reaches("ari", UPLINK.cosmo4));
});

test("shrink-mtu", async () => {
  const large = ["-M", "do", "-s", "1400"];
  assert.ok(await reaches("cosmo", UPLINK.miki4, ...large));
  await whileBroken(["shrink-mtu", "nuremberg", "1300"], async () => {
    assert.not.ok(await reaches("cosmo", UPLINK.miki4, ...large));
    assert.ok(await reaches("cosmo", UPLINK.miki4, "-M", "do", "-s", "1200"));
  });
  assert.ok(await reaches("cosmo", UPLINK.miki4, ...large));
  await labs.must("down");
});

/** Milliseconds of the fastest of three pings from burst. */
async function pingFromBurst(address: string): Promise<number> {
  const seen = await home.must("exec", "burst", "--", "ping", "-n", "-q", "-c", "3", "-i", "0.2", "-W", "5", address);
  return Number(/= ([\d.]+)\//.exec(seen)?.[1]);
}

test("renumber: the world finds the site at another address, and no more at the old one", async () => {
  await home.must("up", "--delay", "home=60");
  const readAddress = async () => (await readState(home)).sites.find(({ name }) => name === "home")?.wan4 ?? "";
  const answers = async (address: string) =>
    (await home.run("exec", "burst", "--", "ping", "-n", "-c", "1", "-W", "2", address)).code === 0;
  const before = await readAddress();
  assert.ok(await answers(before), before);
  // Lines of their own from the beginning: home's has 60 ms each way, that of burst's site 10 as usual.
  const [far, near] = [await pingFromBurst(before), await pingFromBurst(RESOLVER)];
  assert.ok(far >= 140, `${far} ms`);
  assert.ok(near >= 20 && near < 120, `${near} ms`);
  await home.must("break", "renumber", "home");
  const after = await readAddress();
  assert.is.not(after, before);
  assert.ok(await answers(after), after);
  assert.not.ok(await answers(before), before);
  await home.must("down");
});

real.run();
