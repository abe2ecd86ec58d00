import { ContaboError } from "./error.js";

/** Where Contabo's API is, and who asks. Read from the environment alone, so that nothing of it can end up in a stack's state. */

/** What a token is asked for with: the four values of the customer panel's page "API". */
export interface ContaboAccount {
  readonly clientId: string;
  readonly clientSecret: string;
  /** The API user: an e-mail address. */
  readonly user: string;
  /** The API password, which is not the panel's. */
  readonly password: string;
}

/** The two servers that are talked to. */
export interface ContaboEndpoints {
  /** The API, e.g. `https://api.contabo.com`. */
  readonly api: URL;
  /** Where tokens come from. */
  readonly token: URL;
}

/** The names that Contabo's own Terraform provider reads. */
const VARIABLES = {
  clientId: "CNTB_OAUTH2_CLIENT_ID",
  clientSecret: "CNTB_OAUTH2_CLIENT_SECRET",
  user: "CNTB_OAUTH2_USER",
  password: "CNTB_OAUTH2_PASS",
} as const;

const API = "https://api.contabo.com";
const TOKEN = "https://auth.contabo.com/auth/realms/contabo/protocol/openid-connect/token";

/** Environment variables, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads who asks.
 * @throws ContaboError with all variables that are missing
 */
export function readAccount(env: Environment): ContaboAccount {
  const missing = Object.values(VARIABLES).filter((name) => (env[name] ?? "") === "");
  if (missing.length > 0) {
    throw new ContaboError(
      "refused",
      `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not set`,
      "the customer panel's page \"API\" has the four values; they belong into the environment, not into the stack's configuration",
    );
  }
  const read = (field: keyof typeof VARIABLES) => env[VARIABLES[field]] ?? "";
  return {
    clientId: read("clientId"),
    clientSecret: read("clientSecret"),
    user: read("user"),
    password: read("password"),
  };
}

/**
 * Reads where Contabo is: its public servers, unless `CNTB_API` or `CNTB_OAUTH2_TOKEN_URL` name others.
 * @throws ContaboError where one is no URL, or would carry credentials in the clear
 */
export function readEndpoints(env: Environment): ContaboEndpoints {
  return { api: parseEndpoint("CNTB_API", env, API), token: parseEndpoint("CNTB_OAUTH2_TOKEN_URL", env, TOKEN) };
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

function parseEndpoint(variable: string, env: Environment, standard: string): URL {
  const text = env[variable] || standard;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw new ContaboError("refused", `${variable} is no URL`, `unset it, or write ${standard}`);
  if (url.protocol === "https:" || LOOPBACK.has(url.hostname)) return url;
  throw new ContaboError("refused", `${variable} is not https, and would show the credentials`, "write https://");
}

/** What no error may show, should an answer repeat it. */
export function secretsOf({ clientId, clientSecret, user, password }: ContaboAccount): string[] {
  return [clientSecret, password, clientId, user];
}
