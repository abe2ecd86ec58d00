import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UserError } from "../../../generators/model/problem.js";
import { LabClient } from "../../../lab/client/client.js";
import { waitUntil } from "../../../lab/machine/wait.js";
import type { Progress } from "../../../lab/protocol.js";
import { listen } from "../../../lab/run/control/control.js";
import { LabError } from "../../../lab/run/control/error.js";
import { Held } from "../../../lab/run/control/held.js";
import { Locks } from "../../../lab/run/control/locks.js";
import { ProgressLog } from "../../../lab/run/control/progress.js";
import type { Answerer } from "../../../lab/run/control/routes.js";
import { spec } from "../checks/lab.js";

const control = suite("lab: its socket");

/** A socket with somebody who answers, for as long as the work takes. */
async function withSocket(
  answer: Answerer,
  work: (client: LabClient, progress: ProgressLog, socket: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "meshflake-control-"));
  const socket = join(folder, "control.sock");
  const progress = new ProgressLog();
  const server = await listen({ socket, answer, progress, note: () => {} });
  try {
    await work(new LabClient(socket), progress, socket);
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

control("a question with its body gets its answer", () =>
  withSocket(
    async (method, path, body) => [method, path, body],
    async (client) => {
      const healed: unknown = await client.heal({ kind: "cut", site: "home" });
      assert.equal(healed, ["POST", "/heal", { kind: "cut", site: "home" }]);
      const state: unknown = await client.state();
      assert.equal(state, ["GET", "/state", {}]);
    },
  ),
);

control("only its own account may connect", () =>
  withSocket(
    async () => ({}),
    async (_client, _progress, socket) => {
      assert.is(statSync(socket).mode & 0o777, 0o600);
    },
  ),
);

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}

control("what is refused says why and what to do", () =>
  withSocket(
    async () => {
      throw new LabError(409, "ann is off", "heal it");
    },
    async (client) => {
      const error = await failureOf(client.stopHost("ann"));
      assert.ok(error instanceof UserError);
      assert.equal([error.message, error.hint], ["ann is off", "heal it"]);
    },
  ),
);

control("an error of the lab's own is an answer, and no end", () =>
  withSocket(
    async (_method, path) => {
      if (path === "/spec") throw new TypeError("oh");
      return { path };
    },
    async (client) => {
      assert.match(String(await failureOf(client.spec())), "oh");
      const state: unknown = await client.state();
      assert.equal(state, { path: "/state" });
    },
  ),
);

const WAITING: Progress = { kind: "waiting", text: "no leader" };
const READY: Progress = { kind: "ready", afterMs: 5 };

async function collect(client: LabClient): Promise<Progress[]> {
  const seen: Progress[] = [];
  for await (const one of client.progress()) seen.push(one);
  return seen;
}

control("everybody sees the progress from its beginning to its end, before and after", () =>
  withSocket(
    async () => ({}),
    async (client, progress) => {
      progress.add({ kind: "world", sites: 2 });
      const early = collect(client);
      await client.state();
      progress.add(WAITING);
      progress.add(READY);
      // After the end there is nothing.
      progress.add(WAITING);
      const whole: Progress[] = [{ kind: "world", sites: 2 }, WAITING, READY];
      assert.equal(await early, whole);
      assert.equal(await collect(client), whole);
    },
  ),
);

control("what is held is undone with its connection, however that ends", async () => {
  let undone = 0;
  const undo = async (): Promise<void> => {
    undone += 1;
  };
  await withSocket(
    async () => new Held(undo),
    async (client, _progress, socket) => {
      const goBack = await client.try(spec({}));
      await sleep(50);
      assert.is(undone, 0);
      goBack();
      assert.ok(await waitUntil(() => undone === 1, 5_000));
      // One that is killed says nothing.
      const script = `const { request } = require("node:http");
        request({ socketPath: ${JSON.stringify(socket)}, method: "POST", path: "/try" }, () => process.kill(process.pid, "SIGKILL")).end();`;
      spawn(process.execPath, ["-e", script], { stdio: "ignore" });
      assert.ok(await waitUntil(() => undone === 2, 10_000));
    },
  );
});

control("what is held is undone as well where somebody left while it was brought about", async () => {
  let undone = false;
  const answer: Answerer = async () => {
    await sleep(200);
    return new Held(async () => {
      undone = true;
    });
  };
  await withSocket(answer, async (_client, _progress, socket) => {
    const asked = request({ socketPath: socket, method: "POST", path: "/try" });
    asked.on("error", () => undefined).end();
    await sleep(50);
    asked.destroy();
    assert.ok(await waitUntil(() => undone, 5_000));
  });
});

control("work on the same thing waits, work on others does not", async () => {
  const locks = new Locks();
  const order: string[] = [];
  const gates = new Map<string, () => void>();
  const work = (name: string) => () =>
    new Promise<void>((resolve) => {
      order.push(name);
      gates.set(name, resolve);
    });
  const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
  const first = locks.with(["ann"], work("first"));
  const both = locks.with(["ann", "bob"], work("both"));
  const bob = locks.with(["bob"], work("bob"));
  const cat = locks.with(["cat"], work("cat"));
  await settle();
  assert.equal(order, ["first", "cat"]);
  gates.get("first")?.();
  await settle();
  assert.equal(order, ["first", "cat", "both"]);
  gates.get("both")?.();
  await settle();
  assert.equal(order, ["first", "cat", "both", "bob"]);
  for (const open of gates.values()) open();
  await Promise.all([first, both, bob, cat]);
});

control("after a failure the next one has its turn", async () => {
  const locks = new Locks();
  const broken = failureOf(locks.with(["ann"], () => Promise.reject(new RangeError("no"))));
  assert.is(await locks.with(["ann"], async () => "next"), "next");
  assert.instance(await broken, RangeError);
});

control.run();
