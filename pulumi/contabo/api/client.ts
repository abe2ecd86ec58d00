import { randomUUID } from "node:crypto";
import ky, { type KyInstance, type Options } from "ky";
import { type ContaboAccount, type ContaboEndpoints, secretsOf } from "./account.js";
import { describeFailure } from "./failure.js";
import { createTokens, type Tokens } from "./token.js";

/** How patient we are. */
export interface ContaboPace {
  /** Milliseconds that one request may take. @default 30000 */
  readonly request: number;
  /** How often a request is repeated. @default 5 */
  readonly retries: number;
  /** Milliseconds before the first repetition; each further one waits twice as long, up to a minute. @default 1000 */
  readonly delay: number;
  /** Milliseconds between two looks at an instance that changes. @default 5000 */
  readonly poll: number;
  /** Milliseconds until an accepted action has to show. @default 60000 */
  readonly grace: number;
  /** Milliseconds for a start, a shutdown or a reinstallation. Contabo names 15 minutes for the latter. @default 1200000 */
  readonly patience: number;
}

/** What is kept to where nobody says otherwise. */
export const PACE: ContaboPace = {
  request: 30_000,
  retries: 5,
  delay: 1_000,
  poll: 5_000,
  grace: 60_000,
  patience: 1_200_000,
};

/** The longest that a server may make us wait before a repetition, in milliseconds. */
const LONGEST_WAIT = 60_000;

/** What a client is made of. */
export interface ClientOptions {
  readonly account: ContaboAccount;
  readonly endpoints: ContaboEndpoints;
  readonly pace: ContaboPace;
}

/** Calls of Contabo's API, with their token, request ids and repetitions. */
export interface ContaboClient {
  /**
   * Reads. Repeated after rate limits, server errors, time-outs and broken connections.
   * @param path without a leading slash
   * @throws ContaboError
   */
  read(path: string, query?: Readonly<Record<string, string>>): Promise<unknown>;
  /**
   * Changes something. Repeated only where it was certainly not carried out: after a rate limit, and with an expired token.
   * @param requestId the id under which Contabo's audit log keeps it. @default a new one
   * @throws ContaboError, `unsure` where it may have been carried out
   */
  act(method: "post" | "put", path: string, body: object, requestId?: string): Promise<unknown>;
}

const REQUEST_ID = "x-request-id";

/** Makes a client. Nothing is asked for before its first call. */
export function createClient({ account, endpoints, pace }: ClientOptions): ContaboClient {
  const common = {
    timeout: pace.request,
    retry: {
      limit: pace.retries,
      delay: (attempt: number) => pace.delay * 2 ** (attempt - 1),
      backoffLimit: LONGEST_WAIT,
      maxRetryAfter: LONGEST_WAIT,
    },
  } satisfies Options;
  const tokens = createTokens(account, endpoints.token, common);
  const api = withToken(ky.create({ ...common, prefixUrl: endpoints.api }), tokens);
  const secrets = secretsOf(account);
  const send = async (path: string, options: Options): Promise<unknown> => {
    try {
      return await api(path, { ...options, context: { renewed: false } }).json();
    } catch (error) {
      throw await describeFailure(error, { host: endpoints.api.host, secrets });
    }
  };
  return {
    read: (path, query) => send(path, { ...READ, ...(query !== undefined && { searchParams: query }) }),
    act: (method, path, json, requestId = randomUUID()) =>
      send(path, { ...ACT, method, json, headers: { [REQUEST_ID]: requestId } }),
  };
}

const READ = {
  method: "get",
  retry: { methods: ["get"], statusCodes: [408, 429, 500, 502, 503, 504], retryOnTimeout: true, jitter: true },
} satisfies Options;

const ACT = {
  retry: {
    methods: ["post", "put"],
    statusCodes: [429],
    // A connection that broke may have carried the request: only an answer says that nothing was done.
    shouldRetry: ({ error }) => (error.name === "HTTPError" ? undefined : false),
  },
} satisfies Options;

/** Every try has a valid token and an id; one whose token has expired meanwhile is made once more with a new one. */
function withToken(api: KyInstance, tokens: Tokens): KyInstance {
  // Groups what one run asks for, in Contabo's logs.
  const trace = randomUUID();
  return api.extend({
    hooks: {
      beforeRequest: [
        async (request) => {
          request.headers.set("authorization", `Bearer ${await tokens.get()}`);
          request.headers.set("x-trace-id", trace);
          if (!request.headers.has(REQUEST_ID)) request.headers.set(REQUEST_ID, randomUUID());
        },
      ],
      afterResponse: [
        (request, { context }, response) => {
          if (response.status !== 401 || context.renewed === true) return;
          context.renewed = true;
          tokens.drop(request.headers.get("authorization")?.replace("Bearer ", "") ?? "");
          return ky.retry({ delay: 0 });
        },
      ],
    },
  });
}
