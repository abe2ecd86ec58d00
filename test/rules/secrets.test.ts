import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FleetInput, HostInput } from "../../generators/model/input.js";
import { EMPTY_LOCK, type Lock, type LockedHost } from "../../generators/model/lock.js";
import { planFleet } from "../../generators/plan/plan.js";
import { resolveFleet } from "../../generators/validate/resolve.js";
import { runPlanRules, runRules } from "../../generators/validate/rules.js";
import { FLEET, inputsOf, pi, publicHost } from "../support/fleets.js";

/** What is right about secrets, and when nothing is to be said; fixtures show what is wrong. */

const test = suite("rules: secrets");

const NICO = "age1xufvgr67xm8gcgqdqs7f7dqlzd45mrxrngkpmgjndrejl5gel99qsrrz4s";
const VOTER = { nomad: { server: true }, consul: { server: true } };
const HOSTS: Readonly<Record<string, HostInput>> = {
  one: publicHost(10, VOTER),
  two: publicHost(11),
  three: pi("home6"),
};

/** What rules about secrets find, before and after the plan, as `code message`. */
function find(lock: Lock, fleet: Partial<FleetInput> = {}, hosts = HOSTS): string[] {
  const inputs = inputsOf({ ...FLEET, admins: { nico: { sshKeys: [], age: [NICO] } }, ...fleet }, hosts, lock);
  const resolved = resolveFleet(inputs);
  const plan = planFleet(resolved, lock);
  return [...runRules({ inputs, fleet: resolved }), ...runPlanRules({ inputs, fleet: resolved, plan })]
    .filter(({ code }) => code.startsWith("secret-") || code === "lock-value")
    .map(({ code, message }) => `${code} ${message}`);
}

/** What is wrong with a declaration, whether it has a value or not. */
function mistakesIn(fleet: Partial<FleetInput>, hosts = HOSTS): string[] {
  return find(EMPTY_LOCK, fleet, hosts).filter((line) => !line.startsWith("secret-unset"));
}

const idOf = (kind: string, of: number) =>
  kind.endsWith("gossip") ? `${of}`.padStart(32, "0") : `00000000-0000-4000-8000-${`${of}`.padStart(12, "0")}`;

/** A lock in which everybody can read what they are to. */
function generated(agents = ["one", "three", "two"], servers = ["one"]): Lock {
  let count = 0;
  const made = (kind: string, readers: readonly string[]) => ({
    id: idOf(kind, ++count),
    readers: [...new Set(readers)].sort(),
  });
  const block = (name: string): LockedHost => ({
    age: NICO,
    secrets: {
      "consul-token": made("consul-token", [name, ...servers]),
      "nomad-token": made("nomad-token", [name, ...servers]),
    },
  });
  const keys = (kind: string, readers: readonly string[]) => [kind, made(kind, readers)] as const;
  const cluster = [
    keys("consul-gossip", agents),
    ...["consul-management", "nomad-gossip", "nomad-management"].map((kind) => keys(kind, servers)),
  ];
  return {
    version: 2,
    admins: { nico: [NICO] },
    clusters: { cats: { secrets: Object.fromEntries(cluster) } },
    hosts: Object.fromEntries(agents.map((name) => [name, block(name)])),
  };
}

test("of what generate makes nothing is said, before the first one and after it; a value that a person has to give is asked for", () => {
  const secrets = { smtp: {}, backup: { hosts: ["one"] } };
  const unset = [
    "secret-unset the secret cats/smtp has no value yet, and one, three and two go without it",
    "secret-unset the secret cats/backup has no value yet, and one goes without it",
  ];
  assert.equal(find(EMPTY_LOCK), []);
  assert.equal(find(EMPTY_LOCK, { secrets }), unset);
  assert.equal(find({ version: 2, hosts: { one: { mesh: "10.10.0.1" } } }, { secrets }), unset);
  assert.equal(find(generated()), []);
});

test("a lock from before there were secrets lacks values alone", () => {
  const lock: Lock = { version: 2, hosts: { one: { age: NICO } } };
  assert.equal(find(lock), []);
  assert.equal(find(lock, { secrets: { smtp: { hosts: ["two", "one"] } } }), [
    "secret-unset the secret cats/smtp has no value yet, and one and two go without it",
  ]);
});

test("a host that came later gets Consul's gossip key from a server that can read it", () => {
  const lock = generated(["one", "two"]);
  assert.equal(find(lock), []);
  const { secrets = {} } = lock.clusters?.cats ?? {};
  const { "consul-gossip": key } = secrets;
  if (key === undefined) throw new Error("no key");
  const lost = {
    ...lock,
    clusters: { cats: { secrets: { ...secrets, "consul-gossip": { ...key, readers: ["two"] } } } },
  };
  assert.equal(find(lost), [
    "secret-unread one cannot read cats/consul-gossip yet: its Consul agent cannot join",
    "secret-unread three cannot read cats/consul-gossip yet: its Consul agent cannot join",
  ]);
});

test("a host that becomes a server waits for an admin", () => {
  const hosts = { ...HOSTS, two: publicHost(11, VOTER) };
  assert.equal(find(generated(), {}, hosts), [
    "secret-unread two cannot read cats/consul-management, cats/nomad-gossip, cats/nomad-management, one/consul-token and 3 more yet: it installs no policies and tokens in Consul, its Nomad server cannot start and it cannot set up Nomad's access control",
  ]);
});

test("a host that generate is about to remove is no news, and one that it removed is a debt", () => {
  const { two: _, ...left } = HOSTS;
  const lock = generated();
  assert.equal(find(lock, {}, left), []);
  const rotate = { "cats/consul-gossip": ["host two"], "two/consul-token": ["host two"] };
  assert.equal(find({ ...generated(["one", "three"]), rotate }, {}, left), [
    "secret-exposed host two knew cats/consul-gossip, and must not any more",
  ]);
});

test("admins who come cannot read yet, and those who go still can", () => {
  const lock = { ...generated(), admins: { eva: [NICO], nico: ["age1old", NICO] } };
  assert.equal(
    find(lock).filter((text) => text.startsWith("secret-")),
    [
      "secret-exposed eva is no admin any more, and can read every secret",
      "secret-exposed files are encrypted to a recipient of nico's that is none any more",
    ],
  );
});

test("files that another branch made for other admins are named, by whom it is about", () => {
  const [nico, eva] = ["1a".repeat(8), "2b".repeat(8)];
  const was = { hosts: { one: { admins: { nico, eva } } } };
  const withBlocks = (lock: Lock, { hosts }: { hosts: Record<string, Partial<LockedHost>> }): Lock => ({
    ...lock,
    hosts: Object.fromEntries(Object.entries(lock.hosts).map(([name, host]) => [name, { ...host, ...hosts[name] }])),
  });
  const found = find(withBlocks(generated(), was));
  assert.equal(found, [
    "secret-unread a new recipient of nico's cannot read the files of one yet",
    "secret-exposed eva is no admin any more, and can read the files of one: made before eva left",
    "secret-exposed a recipient of nico's that is none any more can read the files of one",
  ]);
  const apart = { hosts: { three: { apart: { "consul-token": {} } } } };
  assert.equal(find(withBlocks(generated(), apart)), ["secret-unread nico cannot read three/consul-token yet"]);
  const wrong = { hosts: { one: { admins: { nico: "1a" } }, two: { apart: { ssh: { nico: "" } } } } };
  assert.equal(
    find(withBlocks(generated(), wrong)).filter((text) => text.startsWith("lock-value")),
    ['lock-value "1a" is no fingerprint of 16 hex digits', 'lock-value "" is no fingerprint of 16 hex digits'],
  );
});

test("names, accounts and units that are fine", () => {
  const names = ["a", "_a", "0", "photos-password", "a.b_c-d", "age", "x".repeat(64)];
  const access = { owner: "systemd-network", group: "100", mode: "0440" };
  const restart = ["a.service", "getty@tty1.service", "a\\x2d1.service", "podman-x.y.service"];
  const secrets = Object.fromEntries(names.map((name) => [name, { ...access, restart }]));
  assert.equal(mistakesIn({ secrets }), []);
  const bad = ["x".repeat(65), "A", "-a", ".a", "a/b", "a b", ""];
  assert.is(mistakesIn({ secrets: Object.fromEntries(bad.map((name) => [name, {}])) }).length, bad.length);
});

test("a host's own secret may have the name of one that the host does not share", () => {
  const hosts = { ...HOSTS, two: publicHost(11, { secrets: { smtp: {} } }) };
  assert.equal(mistakesIn({ secrets: { smtp: { hosts: ["one"] } } }, hosts), []);
  assert.is(mistakesIn({ secrets: { smtp: {} } }, hosts).length, 1);
});

test("no text makes a rule throw", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.constantFrom("", "one", "cats", "consul-token"),
  );
  fc.assert(
    fc.property(text, text, text, (a, b, c) => {
      const access = { owner: a, group: b, restart: [c, a] };
      const hosts = { ...HOSTS, two: publicHost(11, { secrets: { [a]: access } }) };
      const secret = { id: a, readers: [b, c], retiring: [c] };
      const lock: Lock = {
        version: 2,
        admins: { [a]: [b] },
        clusters: { [b]: { secrets: { [c]: secret } } },
        hosts: { one: { age: c, ssh: a, secrets: { [b]: secret }, admins: { [a]: c }, apart: { [b]: { [c]: a } } } },
        rotate: { [a]: [b, c] },
        revoked: [c],
      };
      assert.ok(find(lock, { secrets: { [b]: { ...access, hosts: [c] } } }, hosts).length > 0);
    }),
    {
      numRuns: 50,
      examples: [
        ["valueOf", "", ""],
        ["constructor", "one", "cats"],
      ],
    },
  );
});

test.run();
