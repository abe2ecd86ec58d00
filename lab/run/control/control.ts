import { once } from "node:events";
import { chmodSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Refusal } from "../../protocol.js";
import { LabError } from "./error.js";
import { Held } from "./held.js";
import { isLast, type ProgressLog } from "./progress.js";
import type { Answerer } from "./routes.js";

/** The lab's socket: HTTP with JSON, for its own account alone. */

/** Who answers, and where. */
export interface ControlOptions {
  readonly socket: string;
  readonly answer: Answerer;
  readonly progress: ProgressLog;
  readonly note: (text: string) => void;
}

/** Listens once it returns. */
export async function listen({ socket, answer, progress, note }: ControlOptions): Promise<Server> {
  rmSync(socket, { force: true });
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://lab").pathname;
    if (request.method === "GET" && path === "/progress") follow(progress, response);
    else
      void reply(answer, request, path, response).catch((error: Error) => note(`an answer failed: ${error.message}`));
  });
  // Whoever could connect before the mode is changed would have to be in the lab's private folder.
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(socket, resolve));
  chmodSync(socket, 0o600);
  return server;
}

function follow(progress: ProgressLog, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  response.flushHeaders();
  const leave = progress.follow((one) => {
    response.write(`${JSON.stringify(one)}\n`);
    if (isLast(one)) response.end();
  });
  response.once("close", leave);
}

async function reply(
  answer: Answerer,
  request: IncomingMessage,
  path: string,
  response: ServerResponse,
): Promise<void> {
  try {
    const answered = await answer(request.method ?? "GET", path, await readBody(request));
    if (answered instanceof Held) await hold(answered, request, response);
    else send(response, 200, answered);
  } catch (error) {
    // What cannot be undone nobody waits for.
    if (response.headersSent) throw error;
    send(response, error instanceof LabError ? error.status : 500, toRefusal(error));
  }
}

/** Answers, and undoes it all once nobody is there any more. */
async function hold({ undo }: Held, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // Whoever left while it was brought about closes nothing again.
  if (!request.socket.destroyed) {
    const left = once(response, "close");
    response.writeHead(200, { "content-type": "application/json" }).write("{}\n");
    await left;
  }
  await undo();
}

function toRefusal(error: unknown): Refusal {
  if (error instanceof LabError) return { error: error.message, ...(error.hint !== undefined && { hint: error.hint }) };
  return { error: error instanceof Error ? error.message : String(error) };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = "";
  request.setEncoding("utf8");
  for await (const part of request) text += part;
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new LabError(400, "the body of the request is no JSON");
  }
}
