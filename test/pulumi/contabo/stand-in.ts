import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ContaboAccount, Environment } from "../../../pulumi/contabo/api/account.js";
import type { ContaboPace } from "../../../pulumi/contabo/api/client.js";

/**
 * A stand-in for Contabo's two servers, on loopback: the token endpoint and the API, with what they check (credentials, tokens that end,
 * request ids, bodies), actions that take a while, and an audit log. Troubles are planned by the test, and happen once each.
 */

export const ACCOUNT: ContaboAccount = {
  clientId: "INT-12345",
  clientSecret: "planted-client-secret-3f9a",
  user: "nico@example.org",
  password: "planted-password-77c1",
};

/** As the real one, in milliseconds instead of minutes. */
export const FAST: ContaboPace = { request: 300, retries: 4, delay: 5, poll: 5, grace: 150, patience: 2_000 };

export interface FakeInstance {
  instanceId: number;
  status: string;
  imageId: string;
  region: string;
  productId: string;
  errorMessage?: string;
}

/** What goes wrong with the next request that fits. */
export interface Trouble {
  /** E.g. `GET`, or `token` for the token endpoint. */
  readonly method: string;
  /** A status to answer with; `hang` never answers, `drop` breaks the connection. */
  readonly answer: number | "hang" | "drop";
  /** The request is carried out nevertheless. @default false */
  readonly done?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** The answer's body, instead of Contabo's own form. */
  readonly body?: string;
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly requestId: string;
  readonly body: unknown;
}

export interface StandIn {
  /** What a provider needs to find it. */
  readonly env: Environment;
  readonly instances: Map<number, FakeInstance>;
  /** Calls of the API, in order; those of the token endpoint are counted alone. */
  readonly calls: Call[];
  readonly troubles: Trouble[];
  /** Tokens that were given. */
  tokens: number;
  /** Seconds that a token is valid. @default 300 */
  lifetime: number;
  /** Milliseconds that an action takes. @default 20 */
  takes: number;
  /** Ends all tokens now. */
  expire(): void;
  close(): Promise<void>;
}

const REQUEST_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-5][0-9a-f]{3}-[089ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

class ContaboStandIn implements StandIn {
  readonly instances = new Map<number, FakeInstance>();
  readonly calls: Call[] = [];
  readonly troubles: Trouble[] = [];
  tokens = 0;
  lifetime = 300;
  takes = 20;
  readonly #valid = new Set<string>();
  readonly #audits: { readonly instanceId: number; readonly requestId: string; readonly timestamp: string }[] = [];
  readonly #server: Server;
  #port = 0;

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  get env(): Environment {
    const base = `http://127.0.0.1:${this.#port}`;
    return {
      CNTB_API: base,
      CNTB_OAUTH2_TOKEN_URL: `${base}/token`,
      CNTB_OAUTH2_CLIENT_ID: ACCOUNT.clientId,
      CNTB_OAUTH2_CLIENT_SECRET: ACCOUNT.clientSecret,
      CNTB_OAUTH2_USER: ACCOUNT.user,
      CNTB_OAUTH2_PASS: ACCOUNT.password,
    };
  }

  expire(): void {
    this.#valid.clear();
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readBody(request);
    const url = new URL(request.url ?? "/", "http://stand-in");
    const isToken = url.pathname === "/token";
    const trouble = this.#takeTrouble(isToken ? "token" : (request.method ?? ""));
    if (trouble === undefined || trouble.done === true) {
      const answer = isToken ? this.#giveToken(text) : this.#answer(request, url, text);
      if (trouble === undefined) return send(response, answer.status, answer.body);
    }
    if (trouble.answer === "hang") return;
    if (trouble.answer === "drop") return void request.socket.destroy();
    response.writeHead(trouble.answer, { "content-type": "application/json", ...trouble.headers });
    const token = String(request.headers.authorization ?? "").replace("Bearer ", "");
    response.end(
      trouble.body?.replaceAll("$TOKEN", token) ??
        JSON.stringify({ statusCode: trouble.answer, message: `stand-in ${trouble.answer}` }),
    );
  }

  #takeTrouble(method: string): Trouble | undefined {
    const at = this.troubles.findIndex((trouble) => trouble.method === method);
    return at < 0 ? undefined : this.troubles.splice(at, 1)[0];
  }

  #giveToken(text: string): Answer {
    const form = new URLSearchParams(text);
    const { clientId, clientSecret, user, password } = ACCOUNT;
    const right = {
      grant_type: "password",
      client_id: clientId,
      client_secret: clientSecret,
      username: user,
      password,
    };
    if (Object.entries(right).some(([name, value]) => form.get(name) !== value)) {
      return { status: 401, body: { error: "invalid_grant", error_description: "Invalid user credentials" } };
    }
    this.tokens++;
    const token = `planted-token-${randomUUID()}`;
    this.#valid.add(token);
    return { status: 200, body: { access_token: token, expires_in: this.lifetime, token_type: "bearer" } };
  }

  #answer(request: IncomingMessage, url: URL, text: string): Answer {
    const requestId = String(request.headers["x-request-id"] ?? "");
    if (!REQUEST_ID.test(requestId)) return fail(400, "x-request-id must be a UUID");
    const token = String(request.headers.authorization ?? "").replace("Bearer ", "");
    if (!this.#valid.has(token)) return fail(401, "Unauthorized");
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    const method = request.method ?? "";
    this.calls.push({ method, path: url.pathname, requestId, body });
    if (url.pathname === "/v1/compute/instances/audits") return this.#listAudits(url.searchParams);
    const [, id, action] = /^\/v1\/compute\/instances\/(\d+)(?:\/actions\/(\w+))?$/.exec(url.pathname) ?? [];
    const instance = this.instances.get(Number(id));
    if (instance === undefined) return fail(404, `Entry Instance not found by instanceId ${id}`);
    if (method === "GET") return { status: 200, body: { data: [describe(instance)] } };
    this.#audits.push({ instanceId: instance.instanceId, requestId, timestamp: new Date().toISOString() });
    return this.#change(instance, method === "PUT" ? "reinstall" : (action ?? ""), body);
  }

  #listAudits(query: URLSearchParams): Answer {
    const data = this.#audits.filter(
      ({ instanceId, requestId }) =>
        String(instanceId) === query.get("instanceId") && requestId === query.get("requestId"),
    );
    return { status: 200, body: { data } };
  }

  #change(instance: FakeInstance, action: string, body: unknown): Answer {
    const { imageId } = (body ?? {}) as { imageId?: string };
    if (action === "reinstall" && imageId === undefined) return fail(400, "imageId must be a UUID");
    const after = { start: "running", shutdown: "stopped", restart: "running", rescue: "rescue", reinstall: "running" };
    const status = after[action as keyof typeof after];
    if (status === undefined) return fail(404, `Cannot POST ${action}`);
    if (action === "reinstall") instance.status = "installing";
    setTimeout(
      () => Object.assign(instance, { status, ...(imageId !== undefined && { imageId }) }),
      this.takes,
    ).unref();
    return { status: 201, body: { data: [{ instanceId: instance.instanceId, action }] } };
  }
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

function fail(status: number, message: string): Answer {
  return { status, body: { statusCode: status, message } };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}

function describe(instance: FakeInstance): object {
  const octet = instance.instanceId % 250;
  return {
    ...instance,
    tenantId: "INT",
    name: `vmi${instance.instanceId}`,
    ipConfig: {
      v4: { ip: `203.0.113.${octet}`, netmaskCidr: 24, gateway: "203.0.113.1" },
      v6: { ip: `2001:db8:a::${octet}`, netmaskCidr: 64, gateway: "fe80::1" },
    },
  };
}

/** Starts a stand-in. @param status of its only instance, 100: a `V92` in `EU` */
export function startStandIn(status = "running"): Promise<StandIn> {
  const standIn = new ContaboStandIn();
  standIn.instances.set(100, {
    instanceId: 100,
    status,
    imageId: "11111111-1111-4111-8111-111111111111",
    region: "EU",
    productId: "V92",
  });
  return standIn.listen();
}

/** Runs a test against a stand-in of its own. */
export async function withStandIn<T>(work: (standIn: StandIn) => Promise<T>, status?: string): Promise<T> {
  const standIn = await startStandIn(status);
  try {
    return await work(standIn);
  } finally {
    await standIn.close();
  }
}
