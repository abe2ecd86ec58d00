import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Fault } from "../../../lab/protocol.js";
import { LabError } from "../../../lab/run/control/error.js";
import { checkFault, isBroken, isMeant, remainderOf, withDead, withFault } from "../../../lab/run/faults.js";
import { specOf } from "./specs.js";

const faults = suite("lab: faults");

const CUT: Fault = { kind: "cut", site: "home" };
const SLOW: Fault = { kind: "slow", site: "home", delayMs: 50 };
const PARTITION: Fault = { kind: "partition", site: "home", other: "office" };
const FREEZE: Fault = { kind: "freeze", host: "ann" };
const UNIT: Fault = { kind: "kill-unit", host: "ann", unit: "consul", restart: false };

faults("the same thing is broken once, and the last word counts", () => {
  const slower: Fault = { ...SLOW, delayMs: 90 };
  assert.equal(withFault([SLOW, CUT], slower), [CUT, slower]);
  const turned: Fault = { kind: "partition", site: "office", other: "home" };
  assert.equal(withFault([PARTITION], turned), [turned]);
  assert.equal(withFault([FREEZE, UNIT, CUT], { kind: "kill", host: "ann" }), [CUT, { kind: "kill", host: "ann" }]);
});

faults("a line gets slower in one more way, and the last figure counts", () => {
  const lossy: Fault = { kind: "slow", site: "home", lossPercent: 5 };
  const both: Fault = { kind: "slow", site: "home", delayMs: 50, lossPercent: 5 };
  assert.equal(withFault([SLOW, CUT], lossy), [CUT, both]);
  assert.equal(withFault([both], { ...SLOW, delayMs: 90 }), [{ ...both, delayMs: 90 }]);
  const elsewhere: Fault = { kind: "slow", site: "office", lossPercent: 5 };
  assert.equal(withFault([SLOW], elsewhere), [SLOW, elsewhere]);
});

faults("healing some of what slows a line leaves the rest", () => {
  const both: Fault = { kind: "slow", site: "home", delayMs: 50, lossPercent: 5 };
  assert.equal(remainderOf(both, { kind: "slow" }), []);
  assert.equal(remainderOf(both, { kind: "slow", conditions: ["lossPercent"] }), [SLOW]);
  assert.equal(remainderOf(SLOW, { conditions: ["delayMs", "rateMbit"] }), []);
  assert.equal(remainderOf(CUT, { conditions: ["delayMs"] }), []);
});

faults("what is broken already is known, in exactly its way", () => {
  const shrunk: Fault = { kind: "shrink-mtu", site: "home", bytes: 1400 };
  const now = [CUT, SLOW, PARTITION, FREEZE, UNIT, shrunk];
  for (const fault of now) assert.is(isBroken(now, fault), true, fault.kind);
  assert.is(isBroken(now, { kind: "partition", site: "office", other: "home" }), true);
  const others: readonly Fault[] = [
    { kind: "cut", site: "office" },
    { ...SLOW, delayMs: 51 },
    { ...SLOW, lossPercent: 1 },
    { kind: "kill", host: "ann" },
    { ...UNIT, restart: true },
    { ...shrunk, bytes: 1300 },
    { kind: "renumber", site: "home" },
  ];
  for (const fault of others) assert.is(isBroken(now, fault), false, JSON.stringify(fault));
});

faults("what nobody has to heal is not among the faults", () => {
  assert.equal(withFault([CUT], { kind: "renumber", site: "home" }), [CUT]);
  assert.equal(withFault([], { ...UNIT, restart: true }), []);
  assert.equal(withFault([], UNIT), [UNIT]);
});

faults("a host that is off by itself counts as killed", () => {
  const kill: Fault = { kind: "kill", host: "ann" };
  assert.equal(withDead([CUT, FREEZE], [{ name: "ann", state: "off" }]), [CUT, kill]);
  assert.equal(withDead([kill], [{ name: "ann", state: "off" }]), [kill]);
  assert.equal(withDead([CUT], [{ name: "ann", state: "up" }]), [CUT]);
});

const all = [CUT, SLOW, PARTITION, FREEZE, UNIT];
const meant = (request: Parameters<typeof isMeant>[1]) => all.filter((fault) => isMeant(fault, request));

faults("a request means what matches all that it says", () => {
  assert.equal(meant({}), all);
  assert.equal(meant({ kind: "cut" }), [CUT]);
  assert.equal(meant({ host: "ann" }), [FREEZE, UNIT]);
  assert.equal(meant({ host: "ann", unit: "consul" }), [UNIT]);
  assert.equal(meant({ site: "home" }), [CUT, SLOW, PARTITION]);
  assert.equal(meant({ kind: "slow", site: "office" }), []);
});

faults("one family of two, and of a line what makes it slow", () => {
  const families = (["ipv4", "ipv6"] as const).map((family): Fault => ({ kind: "drop-family", site: "home", family }));
  const [four] = families;
  assert.equal(
    families.filter((fault) => isMeant(fault, { kind: "drop-family", site: "home", family: "ipv4" })),
    [four],
  );
  assert.equal(meant({ conditions: ["delayMs"] }), [SLOW]);
});

faults("a partition is meant from either side", () => {
  assert.equal(meant({ site: "office" }), [PARTITION]);
  assert.equal(meant({ site: "office", other: "home" }), [PARTITION]);
  assert.equal(meant({ site: "home", other: "elsewhere" }), []);
});

/** Why a fault is refused; null where it is not. */
function refusal(fault: unknown): string | null {
  try {
    checkFault(fault as Fault, specOf({ sites: ["home", "office"], dynamic: ["home"] }));
    return null;
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return [error.status, error.message, ...(error.hint ? [error.hint] : [])].join(" ");
  }
}

faults("a fault that names what the lab has is none of its business", () => {
  for (const fault of [...all, { kind: "renumber", site: "home" }, { kind: "kill", host: "ann" }]) {
    assert.is(refusal(fault), null, JSON.stringify(fault));
  }
});

faults("what the lab has not is refused, with what it has", () => {
  assert.is(refusal({ kind: "kill", host: "bob" }), "404 the lab has no host bob it has ann");
  assert.is(refusal({ kind: "cut", site: "moon" }), "404 the lab has no site moon it has home, office");
  assert.is(refusal({ ...PARTITION, other: "moon" }), "404 the lab has no site moon it has home, office");
  assert.is(refusal({ ...UNIT, unit: "nomad" }), "404 the lab has no unit on ann called nomad it has consul");
});

faults("what cannot be is refused", () => {
  assert.is(refusal({ ...PARTITION, other: "home" }), "400 a partition is between two sites");
  assert.is(refusal({ kind: "melt", host: "ann" }), "400 the lab breaks nothing called melt");
  assert.is(refusal({ ...SLOW, lossPercent: 101 }), "400 lossPercent 101 is not between 0 and 100");
  assert.is(refusal({ kind: "shrink-mtu", site: "home", bytes: 20 }), "400 bytes 20 is not between 68 and 65535");
  assert.is(refusal({ kind: "drop-family", site: "home", family: "ipx" }), "400 the family is ipv4 or ipv6");
  const nobodys = refusal({ kind: "renumber", site: "home", address: "198.51.100.9" });
  assert.is(nobodys, "404 the lab has no other address of home 198.51.100.9 it has 198.51.100.2");
  const fixed = refusal({ kind: "renumber", site: "office" });
  assert.match(fixed ?? "", /^400 the address of office never changes only a site with `dynamic: true` /);
});

faults.run();
