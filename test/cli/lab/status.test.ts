import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatStatus } from "../../../cli/lab/status/format.js";
import { formatMatrix, letterOf } from "../../../cli/lab/status/matrix.js";
import { shortTime, wrapWords } from "../../../cli/lab/status/words.js";
import { colorsFor } from "../../../cli/terminal/colors.js";
import type { Observation } from "../../../lab/observe/observe.js";
import type { SiteStatus } from "../../../lab/protocol.js";

const status = suite("cli: lab status");

const PLAIN = colorsFor({ env: {}, isTty: false, off: true });
const NAMES = ["ari", "cosmo", "maco"];

const PLACE: SiteStatus = {
  name: "here",
  dynamic: false,
  ipv4: "public",
  ipv6: "none",
  // The router's own, at which no host is.
  wan4: "198.51.100.1",
  wan6: null,
  addresses: [],
};

const SEEN: Observation = {
  at: 100_000,
  state: {
    name: "cats",
    fleet: "cats",
    environment: null,
    root: "/fleet",
    phase: "ready",
    failure: null,
    startedAt: 10_000,
    readyAt: 22_300,
    hosts: [
      {
        name: "ari",
        state: "up",
        pid: 7,
        units: [
          { name: "consul", state: "running", pid: 9, restarts: 2, lastExit: "SIGKILL" },
          { name: "nomad", state: "failed", pid: null, restarts: 0, lastExit: "exit code 1" },
        ],
      },
      { name: "cosmo", state: "off", pid: null, units: [] },
      { name: "maco", state: "frozen", pid: 8, units: [] },
    ],
    faults: [{ kind: "kill", host: "cosmo" }],
    test: { holder: null, remains: [] },
    sites: [
      { ...PLACE, name: "dusseldorf", addresses: [{ host: "cosmo", address: "203.0.113.10" }] },
      { ...PLACE, name: "london", dynamic: true, ipv4: "nat", ipv6: "firewalled", wan4: "198.51.100.7" },
    ],
    wireguard: "wireguard-go",
    lines: "netem",
    namespaces: {},
  },
  clusters: [
    {
      name: "cats",
      consul: {
        leader: "maco",
        members: [
          { name: "ari", address: "10.0.0.1", status: "alive" },
          { name: "cosmo", address: "10.0.0.2", status: "failed" },
        ],
        peers: [{ name: "maco", address: "10.0.0.3", voter: true, leader: true }],
      },
      nomad: null,
      lacks: ["Consul of cats: cosmo is failed"],
      reach: { ari: { cosmo: null, maco: 42.4 } },
    },
  ],
  links: [
    { host: "ari", interface: "mesh", peer: "maco", endpoint: null, handshakeAge: 12, receivedBytes: 1, sentBytes: 1 },
    {
      host: "ari",
      interface: "to-cosmo",
      peer: "cosmo",
      endpoint: null,
      handshakeAge: null,
      receivedBytes: 0,
      sentBytes: 1,
    },
  ],
  services: [
    { cluster: "cats", name: "web", instances: [{ host: "ari", address: "10.0.0.1", port: 80, passing: false }] },
  ],
};

status("everything that is there, and everything that is wrong", () => {
  const text = formatStatus(SEEN, () => NAMES, { colors: PLAIN, width: 80 });
  assert.match(text, /^cats \(cats\): ready in 12\.3 s, running for 90s; WireGuard: wireguard-go, lines: netem$/m);
  assert.match(text, /^Broken:\n {2}kill cosmo$/m);
  assert.match(text, /^ari {4}up {6}1 of 2, nomad failed \(exit code 1\), consul started 3 times$/m);
  assert.match(text, /^cosmo {2}off$/m);
  assert.match(text, /^maco {3}frozen$/m);
  assert.match(
    text,
    /^Sites: how each goes out.*\n {2}dusseldorf {2}IPv6 none\n {14}IPv4 public: cosmo 203\.0\.113\.10$/m,
  );
  assert.match(text, /^ {2}london {6}IPv6 firewalled\n {14}IPv4 nat \(dynamic\): 198\.51\.100\.7$/m);
  assert.match(text, /^ {2}! Consul of cats: cosmo is failed$/m);
  assert.match(text, /Consul: leader maco; voters maco; 1 of 2 members alive/);
  assert.match(text, /Nomad: nobody answers/);
  assert.match(text, /^ {2}a {2}ari {4}· {2}× {2}42$/m);
  assert.match(text, /^ {2}b {2}cosmo {2}- {2}· {3}-$/m);
  assert.match(text, /^ {2}ari {2}maco 12s, to-cosmo never!$/m);
  assert.match(text, /^ {2}web \(cats\): ari:80 \(failing\)$/m);
});

status("what a killed test has left is shown, and of one that is under way whose it is", () => {
  const format = (test: Observation["state"]["test"]) =>
    formatStatus({ ...SEEN, state: { ...SEEN.state, test } }, () => NAMES, { colors: PLAIN, width: 80 });
  const job = { kind: "job", cluster: "cats", name: "hello" } as const;
  const kill = { kind: "fault", fault: { kind: "kill", host: "ari" } } as const;
  const left =
    /^Left by a test that was killed; meshflake lab heal takes it back:\n {2}the job hello in Nomad of cats\n {2}kill ari\n$/m;
  assert.match(format({ holder: null, remains: [job, kill, job] }), left);
  const during = format({ holder: { pid: 7, startTime: "1" }, remains: [job] });
  assert.match(during, /^A test is under way: process 7$/m);
  assert.not.match(during, /hello/);
});

status("a wide matrix falls back to one sign a cell, and fits", () => {
  const names = Array.from({ length: 20 }, (_, index) => `host-${index}`);
  const cell = () => ({ text: "123", sign: "+" });
  const narrow = formatMatrix(names, cell, 78);
  assert.ok(narrow.every((line) => line.length <= 78));
  assert.match(narrow[1] ?? "", /^a {2}host-0 {3}· {2}\+/);
  assert.match(formatMatrix(names, cell, 200)[1] ?? "", /123/);
});

status("columns beyond z have two letters", () => {
  assert.equal([0, 25, 26, 51, 52].map(letterOf), ["a", "z", "aa", "az", "ba"]);
});

status("ages are short, and lists break between words", () => {
  assert.equal([0, 119, 121, 7_300].map(shortTime), ["0s", "119s", "2m", "2h"]);
  assert.equal(wrapWords("x ", ["aaaa", "bbbb", "cccc"], 14), ["x aaaa, bbbb", "  cccc"]);
  assert.equal(wrapWords("x ", [], 14), ["x"]);
});

status.run();
