import { suite } from "uvu";
import * as assert from "uvu/assert";
import { countingTable, judgeResolvers } from "../../../lab/checks/scenes/upstream.js";

/** Who is asked for public names, and how that is counted. */

const upstream = suite("lab: upstream");

const SECURE = { address: "192.0.2.53", port: 853, tlsName: "dns.example.org" };
const CLEAR = { address: "2001:db8::53", port: 53, tlsName: null };

upstream("a fleet whose resolvers all lack a name for TLS is a failure; one without resolvers asks nobody", () => {
  assert.equal(judgeResolvers([]), []);
  assert.equal(judgeResolvers([CLEAR, SECURE]), []);
  assert.equal(
    judgeResolvers([CLEAR]).map(({ seen }) => seen),
    ["none of 2001:db8::53"],
  );
});

upstream("TLS to a resolver is secure; the usual port is clear, whosever it is", () => {
  const counted = countingTable([SECURE, CLEAR, { ...CLEAR, port: 5353 }])
    .split("\n")
    .filter((line) => line.includes("counter name"))
    .map((line) => line.trim());
  assert.equal(counted, [
    "ip daddr 192.0.2.53 tcp dport 853 counter name secure",
    "ip daddr 192.0.2.53 udp dport 853 counter name clear",
    "ip6 daddr 2001:db8::53 tcp dport 5353 counter name clear",
    "ip6 daddr 2001:db8::53 udp dport 5353 counter name clear",
    "meta l4proto { tcp, udp } th dport 53 counter name clear",
  ]);
});

upstream.run();
