import { suite } from "uvu";
import * as assert from "uvu/assert";
import { describeDone, findMove } from "../../../cli/lab/faults/done.js";
import { parseFault } from "../../../cli/lab/faults/fault-words.js";
import { describeFault, FAULTS, listFaults, usageOf } from "../../../cli/lab/faults/faults.js";
import { selectBroken, toHealRequest } from "../../../cli/lab/faults/heal-words.js";
import { UserError } from "../../../generators/model/problem.js";
import type { Fault } from "../../../lab/protocol.js";
import { lasts } from "../../../lab/run/faults.js";
import { statusOfSite } from "../../../lab/run/world/sites.js";
import type { LabSpec, UnitSpec } from "../../../lab/spec.js";
import { host, site } from "../../lab/checks/lab.js";

const faults = suite("cli: lab faults");

const CONSUL: UnitSpec = { name: "consul", exec: ["consul"], restart: "always", restartMs: 100, after: [] };

const LAB: LabSpec = {
  version: 1,
  name: "cats",
  fleet: "cats",
  environment: null,
  domain: "cats.example.org",
  world: {
    sites: [
      site("london", { mtu: 1492 }),
      site("oslo", { dynamic: true }),
      site("madrid", { dynamic: true, ipv4: "nat", ipv6: "nat", spare4: ["203.0.113.9"] }),
    ],
    names: [],
    resolvers: [],
  },
  hosts: [host("maco", "10.0.0.1", { units: [CONSUL] }), host("miki", "10.0.0.2")],
  clusters: [],
};

/** Words and options, as a line has them. */
function parse(line: string): Fault {
  const words: string[] = [];
  const options: Record<string, string | true> = {};
  const parts = line.split(" ").filter((part) => part !== "");
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    if (part === "--restart") options.restart = true;
    else if (part.startsWith("--")) options[part.slice(2)] = parts.shift() ?? "";
    else words.push(part);
  }
  return parseFault(LAB, words, options);
}

const RIGHT: readonly (readonly [string, Fault])[] = [
  ["kill maco", { kind: "kill", host: "maco" }],
  ["freeze miki", { kind: "freeze", host: "miki" }],
  ["kill-unit maco consul", { kind: "kill-unit", host: "maco", unit: "consul", restart: false }],
  ["kill-unit maco consul --restart", { kind: "kill-unit", host: "maco", unit: "consul", restart: true }],
  ["cut london", { kind: "cut", site: "london" }],
  ["slow london --delay 150", { kind: "slow", site: "london", delayMs: 150 }],
  ["slow london --loss 0.5 --rate 10", { kind: "slow", site: "london", lossPercent: 0.5, rateMbit: 10 }],
  ["partition london madrid", { kind: "partition", site: "london", other: "madrid" }],
  ["renumber madrid", { kind: "renumber", site: "madrid" }],
  ["drop-family madrid ipv6", { kind: "drop-family", site: "madrid", family: "ipv6" }],
  ["shrink-mtu london 1491", { kind: "shrink-mtu", site: "london", bytes: 1491 }],
];

faults("every fault is read, and written back as it was typed", () => {
  for (const [line, fault] of RIGHT) {
    assert.equal(parse(line), fault, line);
    assert.is(describeFault(fault), line);
  }
  const tried = new Set(RIGHT.map(([, { kind }]) => kind));
  assert.equal(
    FAULTS.filter(({ kind }) => !tried.has(kind)),
    [],
  );
});

/** A line, what is wrong with it, and what the hint says. */
const WRONG: readonly (readonly [string, RegExp, RegExp])[] = [
  ["", /no fault is named$/, /choose `cut`|choose `kill`/],
  ["kil maco", /no fault is named `kil`/, /did you mean `kill`/],
  ["kill", /kill: HOST is missing/, /lab break kill HOST$/],
  ["kill mcao", /HOST: the lab has no host `mcao`/, /did you mean `maco`/],
  ["kill maco miki", /kill: `miki` is one word too many/, /lab break kill HOST$/],
  ["kill maco --restart", /kill has no option --restart/, /kill-unit HOST UNIT \[--restart\]/],
  ["cut london --delay 5", /cut has no option --delay/, /slow SITE \[--delay MS\]/],
  ["kill-unit maco", /kill-unit: UNIT is missing/, /kill-unit HOST UNIT/],
  ["kill-unit maco consol", /UNIT: maco has no unit `consol`/, /did you mean `consul`/],
  ["kill-unit miki consul", /UNIT: miki has no unit `consul`/, /there is none yet/],
  ["cut lodnon", /SITE: the lab has no site `lodnon`/, /did you mean `london`/],
  ["slow london", /slow: nothing says how slow/, /--delay MS.*--loss PERCENT.*--rate MBIT/],
  ["slow london --delay 1e3", /--delay: `1e3` is not a number from 0 to 60000 ms/, /^$/],
  ["slow london --loss 101", /--loss: `101` is not a number from 0 to 100 percent/, /^$/],
  ["slow london --rate 0", /--rate: `0` is not a number from 0.01 to 100000/, /^$/],
  ["slow london --rate -1", /--rate: `-1` is not a number/, /^$/],
  ["partition london", /partition: OTHER is missing/, /partition SITE OTHER/],
  ["partition london london", /OTHER: `london` is the same site/, /name two sites/],
  ["renumber london", /SITE: the address of london never changes/, /`dynamic: true`/],
  [
    "renumber oslo",
    /SITE: no router of oslo has an IPv4 address that could change: its ipv4 is "public"/,
    /"portForwarded"/,
  ],
  ["drop-family london ipv5", /FAMILY: `ipv5` is neither ipv4 nor ipv6/, /^$/],
  ["drop-family london ipv6", /FAMILY: london has no ipv6/, /it has ipv4/],
  ["shrink-mtu london", /shrink-mtu: BYTES is missing/, /shrink-mtu SITE BYTES/],
  ["shrink-mtu london 0x500", /BYTES: `0x500` is not a whole number from 576 to 1491 bytes/, /^$/],
  ["shrink-mtu london 1492", /BYTES: `1492` is not/, /^$/],
  ["shrink-mtu london 575", /BYTES: `575` is not/, /^$/],
];

faults("every mistake names the word that is wrong, and what is right", () => {
  for (const [line, message, hint] of WRONG) {
    assert.throws(
      () => parse(line),
      (error: unknown) =>
        error instanceof UserError &&
        error.exitCode === 2 &&
        message.test(error.message) &&
        hint.test(error.hint ?? ""),
      `\`${line}\``,
    );
  }
});

faults("help has a line of at most 80 characters for each", () => {
  const lines = listFaults().split("\n");
  assert.is(lines.length, FAULTS.length);
  for (const line of lines) assert.ok(line.length <= 80, line);
  assert.ok(FAULTS.every((fault) => usageOf(fault).startsWith(fault.kind)));
});

const BROKEN: readonly Fault[] = [
  { kind: "kill", host: "maco" },
  { kind: "kill", host: "miki" },
  { kind: "partition", site: "london", other: "madrid" },
  { kind: "slow", site: "london", delayMs: 5 },
  { kind: "kill-unit", host: "maco", unit: "consul", restart: false },
];

faults("heal means all faults, those of a kind, or one; a partition whichever site comes first", () => {
  const meant = (...words: string[]) => selectBroken(BROKEN, words).map((fault) => BROKEN.indexOf(fault));
  assert.equal(meant(), [0, 1, 2, 3, 4]);
  assert.equal(meant("kill"), [0, 1]);
  assert.equal(meant("kill", "miki"), [1]);
  assert.equal(meant("partition", "madrid"), [2]);
  assert.equal(meant("partition", "madrid", "london"), [2]);
  assert.equal(meant("slow", "london"), [3]);
  assert.equal(meant("kill-unit", "maco", "consul"), [4]);
});

faults("what is asked of the lab names one fault alone", () => {
  assert.equal(toHealRequest({ kind: "kill", host: "maco" }), { kind: "kill", host: "maco" });
  assert.equal(toHealRequest({ kind: "partition", site: "a", other: "b" }), {
    kind: "partition",
    site: "a",
    other: "b",
  });
  assert.equal(toHealRequest({ kind: "slow", site: "a", delayMs: 5 }), {
    kind: "slow",
    site: "a",
    conditions: ["delayMs"],
  });
  assert.is(toHealRequest({ kind: "drop-family", site: "a", family: "ipv4" }).family, "ipv4");
});

/** What `heal` means by words as `lab status` shows them. */
function healed(broken: readonly Fault[], line: string): readonly Fault[] {
  const [words, ...options] = line.split(" --");
  return selectBroken(
    broken,
    (words ?? "").split(" "),
    Object.fromEntries(options.map((option) => option.split(" ")).map(([name, value]) => [name ?? "", value ?? true])),
  );
}

faults("heal takes the very words that status shows of what is broken", () => {
  const all = RIGHT.map(([, fault]) => fault).filter(lasts);
  assert.ok(all.length >= 8);
  for (const fault of all) assert.equal(healed(all, describeFault(fault)).slice(0, 1), [fault], describeFault(fault));
});

faults("of a slow line one thing can be healed, with its figure or without", () => {
  const slow: Fault = { kind: "slow", site: "london", delayMs: 80, lossPercent: 5 };
  const delay: Fault = { kind: "slow", site: "london", delayMs: 80 };
  assert.equal(healed([slow], "slow london --delay"), [delay]);
  assert.equal(healed([slow], "slow london --delay 80"), [delay]);
  assert.equal(healed([slow], "slow --delay 80 --loss"), [slow]);
  const refused = (broken: readonly Fault[], line: string) => {
    try {
      return healed(broken, line);
    } catch (error) {
      return error instanceof UserError ? error.message : error;
    }
  };
  assert.is(refused([slow], "slow london --delay 90"), "`slow london --delay 90` is not broken");
  assert.is(refused([slow], "slow london --rate"), "`slow london --rate` is not broken");
  assert.is(refused(BROKEN, "kill maco --delay"), "kill has no option --delay");
  assert.match(String(refused([slow], "slow london --loss x")), /^--loss: `x` is not a number/);
});

faults("what was done is told with the names, the figures and the addresses", () => {
  const told = RIGHT.map(([line, fault]) => [line, describeDone(fault, { from: "203.0.113.1", to: "203.0.113.9" })]);
  const words = new Map(told as [string, string][]);
  assert.is(words.get("kill-unit maco consul"), "consul on maco was killed, and stays dead until it is healed");
  assert.is(words.get("kill-unit maco consul --restart"), "consul on maco was killed, and comes back as its unit says");
  assert.is(words.get("drop-family madrid ipv6"), "the line of madrid carries no IPv6 any more");
  assert.is(words.get("renumber madrid"), "madrid has the public address 203.0.113.9 now, and had 203.0.113.1");
  assert.is(
    words.get("slow london --loss 0.5 --rate 10"),
    "the line of london loses 0.5 percent of the packets, carries 10 Mbit/s",
  );
  for (const [line, fault] of RIGHT) assert.match(words.get(line) ?? "", "host" in fault ? fault.host : fault.site);
});

faults("only renumbering moves a site", () => {
  const before = [statusOfSite(site("madrid", { wan4: "203.0.113.1" }))];
  const after = [statusOfSite(site("madrid", { wan4: "203.0.113.9" }))];
  const move = findMove({ kind: "renumber", site: "madrid" }, before, after);
  assert.equal(move, { from: "203.0.113.1", to: "203.0.113.9" });
  assert.is(findMove({ kind: "cut", site: "madrid" }, before, after), null);
});

faults("what is not broken, or cannot be healed, is refused", () => {
  const refused = (...words: string[]) => {
    try {
      selectBroken(BROKEN, words);
    } catch (error) {
      if (error instanceof UserError) return `${error.message}: ${error.hint}`;
    }
    return "";
  };
  assert.match(refused("cut"), /`cut` is not broken: broken is: kill maco; kill miki; partition/);
  assert.match(refused("kill", "ari"), /`kill ari` is not broken/);
  assert.match(refused("kill", "maco", "miki"), /`kill maco miki` is not broken/);
  assert.match(refused("renumber", "madrid"), /nothing heals renumber/);
  assert.match(refused("kil"), /did you mean `kill`/);
});

faults.run();
