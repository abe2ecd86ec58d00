import { suite } from "uvu";
import * as assert from "uvu/assert";
import { curlConfig, readAnswers, readJson } from "../../../lab/observe/clusters/ask.js";
import { readConsulMembers } from "../../../lab/observe/clusters/clusters.js";
import { observeHeartbeats, readOwnClient } from "../../../lab/observe/clusters/heartbeats.js";
import { readInstances } from "../../../lab/observe/clusters/services.js";
import { readWireguardDump } from "../../../lab/observe/links.js";
import { readPings } from "../../../lab/observe/ping.js";

/** What programs print, read as data. */

const readers = suite("lab: what programs print");

readers("curl gets tokens and bodies by its configuration, quoted", () => {
  const config = curlConfig("consul", [{ path: "kv/a?b=1", method: "PUT", body: { a: 'x "y" \\ z' } }], { token: "t" });
  assert.match(config, 'url = "http://127.0.0.1:8500/v1/kv/a?b=1"');
  assert.match(config, 'header = "X-Consul-Token: t"');
  assert.match(config, String.raw`data-binary = "{\"a\":\"x \\\"y\\\" \\\\ z\"}"`);
  const anonymous = curlConfig("nomad", [{ path: "nodes" }, { path: "jobs" }], { address: "fd00::1" });
  assert.match(anonymous, "http://[fd00::1]:4646/v1/nodes");
  assert.is(anonymous.split("\nnext\n").length, 2);
  assert.not.match(anonymous, "X-Nomad-Token");
});

readers("answers come apart by their separators, and nobody's answer has the status 0", () => {
  const questions = [{ path: "a" }, { path: "b" }, { path: "c" }];
  const answers = readAnswers(questions, '{"a":1}\u001e200\u001e\u001e000\u001e');
  assert.equal(answers, [
    { path: "a", status: 200, text: '{"a":1}' },
    { path: "b", status: 0, text: "" },
    { path: "c", status: 0, text: "" },
  ]);
  assert.equal(
    readJson(answers[0], (value) => value),
    { a: 1 },
  );
  assert.is(
    readJson(answers[1], () => 1),
    null,
  );
  assert.is(
    readJson({ path: "a", status: 200, text: "no json" }, () => 1),
    null,
  );
});

readers("wg's dump gives links without keys", () => {
  const dump = [
    "mesh\tPRIVATE\tPUBLIC\t55820\toff",
    "mesh\tPEER1\t(none)\t203.0.113.10:55820\t10.10.0.1/32,10.10.0.9/32\t990\t100\t200\t25",
    "mesh\tPEER2\t(none)\t(none)\t10.10.0.7/32\t0\t0\t0\toff",
  ].join("\n");
  const links = readWireguardDump("ari", dump, [{ name: "cosmo", meshIp: "10.10.0.1" }], 1_000);
  assert.equal(links, [
    {
      host: "ari",
      interface: "mesh",
      peer: "cosmo",
      endpoint: "203.0.113.10:55820",
      handshakeAge: 10,
      receivedBytes: 100,
      sentBytes: 200,
    },
    {
      host: "ari",
      interface: "mesh",
      peer: "10.10.0.7",
      endpoint: null,
      handshakeAge: null,
      receivedBytes: 0,
      sentBytes: 0,
    },
  ]);
  assert.not.match(JSON.stringify(links), "PRIVATE");
});

readers("pings tell answers from routers' words", () => {
  const printed = [
    "10.0.0.1 PING 10.0.0.1 (10.0.0.1) 56(84) bytes of data.",
    "10.0.0.1 64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=41.2 ms",
    "10.0.0.2 From 10.0.0.9 icmp_seq=1 Time to live exceeded",
    "10.0.0.3 1 packets transmitted, 0 received, 100% packet loss, time 0ms",
  ].join("\n");
  const pings = readPings(printed, ["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
  assert.equal(pings.get("10.0.0.1"), { ms: 41.2, stoppedBy: null });
  assert.equal(pings.get("10.0.0.2"), { ms: null, stoppedBy: "10.0.0.9" });
  assert.equal(pings.get("10.0.0.3"), { ms: null, stoppedBy: null });
});

readers("Serf's numbers become words, and a service is where its node is", () => {
  const members = readConsulMembers([
    { Name: "b", Addr: "10.0.0.2", Status: 4 },
    { Name: "a", Addr: "10.0.0.1", Status: 1 },
  ]);
  assert.equal(members, [
    { name: "a", address: "10.0.0.1", status: "alive" },
    { name: "b", address: "10.0.0.2", status: "failed" },
  ]);
  assert.equal(readConsulMembers({ error: true }), []);
  const [instance] = readInstances([
    { Node: { Node: "a", Address: "10.0.0.1" }, Service: { Address: "", Port: 80 }, Checks: [{ Status: "critical" }] },
  ]);
  assert.equal(instance, { host: "a", address: "10.0.0.1", port: 80, passing: false });
});

readers("Nomad's agents print times as Go does", () => {
  const read = (last: string, ttl: string) =>
    readOwnClient({ stats: { client: { node_id: "1", last_heartbeat: last, heartbeat_ttl: ttl } } }).heartbeat;
  assert.equal(read("1m2.5s", "14.25s"), { age: 62.5, ttl: 14.25 });
  assert.equal(read("500ms", "1h0m1s"), { age: 0.5, ttl: 3601 });
  assert.equal(read("2562047h47m16.854775807s", "0s"), { age: null, ttl: 0 }, "never");
  assert.equal(readOwnClient({}), { id: "", heartbeat: { age: null, ttl: 0 } });
});

readers("clients are asked once every server knows the token, and servers once", async () => {
  const [cosmo, maco, ari] = ["cosmo", "maco", "ari"].map((name, pid) => ({ name, pid }));
  if (cosmo === undefined || maco === undefined || ari === undefined) throw new Error("three hosts");
  const text = JSON.stringify({ stats: { client: { node_id: "1", last_heartbeat: "1s", heartbeat_ttl: "14s" } } });
  const observe = async (statusOfMaco: number) => {
    const asked: string[] = [];
    const seen = await observeHeartbeats([cosmo, maco], [ari, cosmo, maco], async ({ name }) => {
      asked.push(name);
      return { path: "", status: name === "maco" ? statusOfMaco : 200, text };
    });
    return [asked.join(" "), [...seen.keys()].join(" ")];
  };
  assert.equal(await observe(200), ["cosmo maco ari", "cosmo maco ari"]);
  assert.equal(await observe(403), ["cosmo maco", "cosmo"]);
  assert.equal(await observe(0), ["cosmo maco ari", "cosmo ari"], "one that is dead keeps nobody waiting");
});

readers.run();
