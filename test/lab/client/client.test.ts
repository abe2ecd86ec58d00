import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UserError } from "../../../generators/model/problem.js";
import { isUnreachable, LabClient } from "../../../lab/client/client.js";
import { identifyProcess, type Lab } from "../../../lab/client/records.js";
import { waitUntilReady } from "../../../lab/client/start/ready.js";
import type { Progress } from "../../../lab/protocol.js";
import { makeFolder } from "../../cli/process.js";

/** What goes over the socket; a small server stands in for the lab. */

const client = suite("lab: client");

interface Heard {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
}

interface StandIn {
  readonly socket: string;
  readonly heard: readonly Heard[];
  close(): Promise<void>;
}

type Answer = { readonly status: number; readonly body: string } | "never";

async function serve(answer: (heard: Heard) => Answer, socket = join(makeFolder(), "control.sock")): Promise<StandIn> {
  const heard: Heard[] = [];
  const server: Server = createServer(async (request, response) => {
    let text = "";
    for await (const part of request) text += part;
    const one = { method: request.method ?? "", url: request.url ?? "", body: text === "" ? null : JSON.parse(text) };
    heard.push(one);
    const answered = answer(one);
    if (answered !== "never") response.writeHead(answered.status).end(answered.body);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { socket, heard, close };
}

const ok = (body: unknown): Answer => ({ status: 200, body: JSON.stringify(body) });

client("a method for each route", async () => {
  const lab = await serve(() => ok([]));
  const talk = new LabClient(lab.socket);
  await talk.state();
  await talk.spec();
  await talk.break({ kind: "kill", host: "a" });
  await talk.heal({ kind: "kill", host: "a" });
  await talk.startHost("a");
  await talk.stopHost("a");
  await talk.restartUnit("a", "consul setup");
  await talk.down();
  assert.equal(
    lab.heard.map(({ method, url, body }) => [method, url, body]),
    [
      ["GET", "/state", null],
      ["GET", "/spec", null],
      ["POST", "/break", { kind: "kill", host: "a" }],
      ["POST", "/heal", { kind: "kill", host: "a" }],
      ["POST", "/hosts/a/start", null],
      ["POST", "/hosts/a/stop", null],
      ["POST", "/hosts/a/units/consul%20setup/restart", null],
      ["POST", "/down", null],
    ],
  );
  await lab.close();
});

async function thrownBy(run: () => Promise<unknown>): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

client("what the lab refuses comes with its hint", async () => {
  const lab = await serve(() => ({ status: 409, body: '{"error":"a is off","hint":"start it"}' }));
  const error = await thrownBy(() => new LabClient(lab.socket).break({ kind: "kill", host: "a" }));
  assert.ok(error instanceof UserError);
  assert.equal([error.message, error.hint, error.exitCode], ["a is off", "start it", 1]);
  await lab.close();
  const odd = await serve(() => ({ status: 500, body: "oops" }));
  assert.match(String(await thrownBy(() => new LabClient(odd.socket).state())), /answered with status 500/);
  await odd.close();
});

client("where nobody listens, the error says that", async () => {
  const error = await thrownBy(() => new LabClient(join(makeFolder(), "control.sock")).state());
  assert.ok(isUnreachable(error));
});

client("a lab that hangs is not waited for", async () => {
  const lab = await serve(() => "never");
  const error = await thrownBy(() => new LabClient(lab.socket).down(50));
  assert.match(String(error), /abort|timeout/i);
  await lab.close();
});

const EVENTS: readonly Progress[] = [
  { kind: "world", sites: 2 },
  { kind: "host", host: "a", state: "up" },
  { kind: "waiting", text: "Consul: no leader yet" },
  { kind: "ready", afterMs: 1200 },
];

function own(socket: string): Lab {
  const record = { version: 1, name: "cats", root: "/", ...identifyProcess(process.pid), rootless: false } as const;
  return { record, folder: makeFolder(), socket };
}

async function follow(lab: Lab, timeout = 5, signal = new AbortController().signal) {
  const seen: Progress[] = [];
  const started = await waitUntilReady(lab, { timeout, signal, onProgress: (event) => seen.push(event) });
  return { seen, started };
}

client("progress is told until the lab is ready, also where its socket comes late", async () => {
  const socket = join(makeFolder(), "control.sock");
  const waiting = follow(own(socket));
  const body = EVENTS.map((event) => `${JSON.stringify(event)}\n`).join("");
  await new Promise((resolve) => setTimeout(resolve, 100));
  const lab = await serve(() => ({ status: 200, body }), socket);
  const { seen, started } = await waiting;
  assert.equal(seen, EVENTS);
  assert.equal(started, { kind: "ready", afterMs: 1200 });
  await lab.close();
});

client("a wait that takes too long says so; an interrupted one too", async () => {
  const lab = await serve(() => "never");
  assert.equal((await follow(own(lab.socket), 0.1)).started, { kind: "late", waitsFor: null });
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  assert.equal((await follow(own(lab.socket), 5, controller.signal)).started, { kind: "interrupted" });
  await lab.close();
});

client("a lab that ends while it starts is not waited for", async () => {
  const lab = own(join(makeFolder(), "control.sock"));
  const dead = { ...lab, record: { ...lab.record, startTime: "1" } };
  assert.match(String(await thrownBy(() => follow(dead))), /the lab cats ended while it started/);
});

client.run();
