import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Agent } from "../../../lab/checks/harness/agent.js";
import { knockTable, readSet } from "../../../lab/checks/harness/knocks.js";
import { stalledBetween } from "../../../lab/checks/judge/stalls.js";

/** An agent as a process, in a network of its own where nothing but loopback is. */

const agents = suite("lab: agents");

const MAIN = fileURLToPath(new URL("../../../lab/checks/agent/main.ts", import.meta.url));
const TSX = import.meta.resolve("tsx");

async function withAgent(use: (agent: Agent, process: ChildProcess) => Promise<void>): Promise<void> {
  const script = 'ip link set lo up && exec "$@"';
  const argv = ["-r", "-n", "sh", "-c", script, "agent", process.execPath, "--import", TSX, MAIN];
  // Both programs before it make place for it: the process is the agent.
  const child = spawn("unshare", argv, { stdio: ["pipe", "pipe", "inherit"] });
  const agent = new Agent("here", child);
  try {
    await use(agent, child);
  } finally {
    agent.kill();
  }
}

agents("what listens is found by TCP and UDP, and nothing else is", () =>
  withAgent(async (agent) => {
    const protocols = ["tcp", "udp"] as const;
    const here = { address: "127.0.0.1", port: 7000 };
    assert.is(await agent.order("listen", { ...here, protocols }), true);
    assert.is(await agent.order("listen", { ...here, protocols }), false, "somebody listens already");
    const targets = [here, { ...here, port: 7001 }];
    for (const protocol of protocols) {
      const [open, closed] = await agent.order("probe", { protocol, targets, timeoutMs: 500 });
      assert.type(open, "number", protocol);
      assert.is(closed, null, protocol);
    }
    const ports = Array.from({ length: 2_000 }, (_, index) => 6_000 + index);
    const found = await agent.order("scan", { address: "127.0.0.1", ports, parallel: 500, timeoutMs: 500 });
    assert.equal(found, [7000]);
    await agent.order("spray", { address: "127.0.0.1", ports });
  }),
);

agents("a watch sees who answers, and a held connection lives as long as both ends", () =>
  withAgent(async (agent) => {
    const here = { address: "127.0.0.1", port: 7000 };
    await agent.order("listen", { ...here, protocols: ["tcp", "udp"] });
    const targets = [
      { name: "open", ...here },
      { name: "closed", ...here, port: 7001 },
    ];
    await agent.order("watch", { targets, everyMs: 20 });
    await agent.order("hold", { name: "open", ...here });
    await sleep(700);
    const pulses = await agent.order("watched", {});
    const answered = (name: string) =>
      pulses.find((pulse) => pulse.name === name)?.samples.filter(([, afterMs]) => afterMs !== null).length ?? -1;
    assert.ok(answered("open") > 10);
    assert.is(answered("closed"), 0);
    const [held] = await agent.order("held", {});
    assert.is(held?.ended, null);
    // Five messages a second: the last one has just come back.
    assert.ok(Date.now() - (held?.lastEchoAt ?? 0) < 5_000);
    const refused = await agent.order("hold", { name: "closed", ...here, port: 7001 }).catch((error: Error) => error);
    assert.ok(refused instanceof Error);
  }),
);

agents("an agent that has ended refuses orders instead of letting them wait", () =>
  withAgent(async (agent) => {
    const asked = agent.order("probe", {
      protocol: "udp",
      targets: [{ address: "127.0.0.1", port: 7001 }],
      timeoutMs: 60_000,
    });
    agent.kill();
    assert.ok((await asked.catch((error: Error) => error)) instanceof Error);
    assert.not.ok(agent.alive);
  }),
);

agents("a machine that stands still is noticed, and one that only sleeps is not", () =>
  withAgent(async (agent, child) => {
    assert.equal(await agent.order("stalls", {}), []);
    const since = Date.now();
    child.kill("SIGSTOP");
    await sleep(600);
    child.kill("SIGCONT");
    await sleep(200);
    const stalled = stalledBetween(await agent.order("stalls", {}), since, Date.now());
    assert.ok(stalled >= 450, `${stalled} ms`);
    assert.ok(stalled <= Date.now() - since);
  }),
);

agents("packets are counted before anybody decides, and after the filter", () => {
  const table = knockTable("2001:db8::1", "2001:db8::2", { isPassage: true });
  assert.match(table, "ip6 saddr 2001:db8::1 ip6 daddr 2001:db8::2 tcp flags");
  assert.match(table, "hook prerouting priority -310");
  assert.match(table, "hook input priority 100");
  assert.equal(readSet('{"nftables":[{"metainfo":{}},{"set":{"elem":[22,80]}}]}'), [22, 80]);
  assert.equal(readSet('{"nftables":[{"set":{"name":"empty"}}]}'), []);
});

agents.run();
