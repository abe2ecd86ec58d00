import { type IncomingMessage, request } from "node:http";
import { createInterface } from "node:readline";
import { UserError } from "../../generators/model/problem.js";
import type { Fault, HealRequest, LabState, Progress, Refusal, Remain, TestHolder } from "../protocol.js";
import type { LabSpec } from "../spec.js";

/** Milliseconds; booting a host is the slowest that is waited for. */
const ANSWER_MS = 60_000;

interface Asked {
  readonly body?: unknown;
  /** @default ANSWER_MS */
  readonly timeoutMs?: number;
}

function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && typeof (value as Partial<Refusal>).error === "string";
}

async function readText(response: IncomingMessage): Promise<string> {
  response.setEncoding("utf8");
  let text = "";
  for await (const part of response) text += part;
  return text;
}

function toRefusal(text: string, status: number | undefined): UserError {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Told below.
  }
  if (isRefusal(value)) return new UserError(value.error, value.hint, 1);
  return new UserError(`the lab answered with status ${status}`, undefined, 1);
}

/** Whether nobody listens on the socket, or not yet. */
export function isUnreachable(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ECONNREFUSED" || code === "ECONNRESET" || code === "EPIPE";
}

/**
 * Talks to a running lab; a method for each route of its protocol. What the lab refuses is thrown as `UserError`, and a socket that
 * nobody listens on as the error of the operating system.
 */
export class LabClient {
  /** @param socket the path of its socket */
  constructor(private readonly socket: string) {}

  state(): Promise<LabState> {
    return this.ask<LabState>("GET", "/state");
  }

  spec(): Promise<LabSpec> {
    return this.ask<LabSpec>("GET", "/spec");
  }

  /** What happens until the lab is ready or has failed. */
  async *progress(signal?: AbortSignal): AsyncGenerator<Progress> {
    const response = await this.open("GET", "/progress", undefined, signal);
    for await (const line of createInterface({ input: response })) {
      if (line !== "") yield JSON.parse(line) as Progress;
    }
  }

  /** @returns what is broken now */
  break(fault: Fault): Promise<readonly Fault[]> {
    return this.ask<readonly Fault[]>("POST", "/break", { body: fault });
  }

  /** @returns what is broken still */
  heal(what: HealRequest): Promise<readonly Fault[]> {
    return this.ask<readonly Fault[]>("POST", "/heal", { body: what });
  }

  /** Answers once the host has booted. */
  async startHost(host: string): Promise<void> {
    await this.ask("POST", `/hosts/${encodeURIComponent(host)}/start`);
  }

  /** Shuts it down in order. */
  async stopHost(host: string): Promise<void> {
    await this.ask("POST", `/hosts/${encodeURIComponent(host)}/stop`);
  }

  /** Cuts its power. */
  async killHost(host: string): Promise<void> {
    await this.ask("POST", `/hosts/${encodeURIComponent(host)}/kill`);
  }

  async restartUnit(host: string, unit: string): Promise<void> {
    await this.ask("POST", `/hosts/${encodeURIComponent(host)}/units/${encodeURIComponent(unit)}/restart`);
  }

  /** Makes the lab what the fleet is to be: new hosts boot, the others reload what changed. */
  async apply(spec: LabSpec): Promise<void> {
    await this.ask("POST", "/apply", { body: spec, timeoutMs: 2 * ANSWER_MS });
  }

  /**
   * Like `apply`, for a while: the lab goes back to what it was with the end of this process at the latest.
   * @returns lets it go back
   */
  try(spec: LabSpec): Promise<() => void> {
    return this.hold("/try", spec);
  }

  /**
   * Claims the lab for a test, until the end of this process at the latest.
   * @returns ends it
   * @throws UserError where a test is under way
   */
  beginTest(holder: TestHolder): Promise<() => void> {
    return this.hold("/test", holder);
  }

  /** Belongs to the test that is under way, which is not over before. @returns leaves it */
  joinTest(): Promise<() => void> {
    return this.hold("/test/join");
  }

  /** Notes what the test is about to make: it is taken back however the test ends. */
  async noteMade(remains: readonly Remain[]): Promise<void> {
    await this.ask("POST", "/test/made", { body: remains });
  }

  /** Notes what of it is gone again. */
  async noteGone(remains: readonly Remain[]): Promise<void> {
    await this.ask("POST", "/test/gone", { body: remains });
  }

  /** Asks the lab to end; it answers before it does. */
  async down(timeoutMs = ANSWER_MS): Promise<void> {
    await this.ask("POST", "/down", { timeoutMs });
  }

  /** Asks for what lasts as long as the connection. @returns closes it */
  private async hold(path: string, body?: unknown): Promise<() => void> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), 2 * ANSWER_MS);
    try {
      const response = await this.open("POST", path, body, late.signal);
      response.on("error", () => {}).resume();
      return () => response.destroy();
    } finally {
      clearTimeout(timer);
    }
  }

  private async ask<Answer = unknown>(method: string, path: string, { body, timeoutMs }: Asked = {}): Promise<Answer> {
    const limit = AbortSignal.timeout(timeoutMs ?? ANSWER_MS);
    const response = await this.open(method, path, body, limit);
    return JSON.parse(await readText(response)) as Answer;
  }

  private async open(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<IncomingMessage> {
    const text = body === undefined ? "" : JSON.stringify(body);
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
    const options = { socketPath: this.socket, method, path, headers, agent: false, ...(signal && { signal }) };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(options, resolve).on("error", reject).end(text);
    });
    const { statusCode = 0 } = response;
    if (statusCode >= 200 && statusCode < 300) return response;
    throw toRefusal(await readText(response), statusCode);
  }
}
