import ky, { type Options } from "ky";
import { isObject } from "../../../generators/load/json.js";
import { type ContaboAccount, secretsOf } from "./account.js";
import { describeFailure } from "./failure.js";

/** Access tokens, in memory alone. */
export interface Tokens {
  /** A token that is valid for a while yet. @throws ContaboError where Contabo gives none */
  get(): Promise<string>;
  /** Forgets a token that was refused; a newer one stays. */
  drop(token: string): void;
}

interface Token {
  readonly value: string;
  /** Milliseconds, as `Date.now()` counts. */
  readonly ends: number;
}

/** Milliseconds for which a token has to be valid yet when it is sent: a request's way, and clocks that differ. */
const MARGIN = 10_000;

/**
 * Makes a source of tokens, by OAuth2's password grant (RFC 6749, 4.3): the only one that Contabo offers. Those who ask at the same time
 * share one request.
 */
export function createTokens(account: ContaboAccount, url: URL, options: Options): Tokens {
  let known: Promise<Token> | null = null;
  const forget = (asked: Promise<Token>) => {
    if (known === asked) known = null;
  };
  const fetchToken = () => {
    const asked = requestToken(account, url, options);
    asked.catch(() => forget(asked));
    return asked;
  };
  return {
    async get() {
      const asked = known;
      if (asked !== null) {
        const token = await asked;
        if (token.ends - MARGIN > Date.now()) return token.value;
        forget(asked);
      }
      known ??= fetchToken();
      return (await known).value;
    },
    drop(value) {
      const asked = known;
      asked?.then(
        (token) => token.value === value && forget(asked),
        () => {},
      );
    },
  };
}

async function requestToken(account: ContaboAccount, url: URL, options: Options): Promise<Token> {
  const { clientId, clientSecret, user, password } = account;
  const body = new URLSearchParams({
    grant_type: "password",
    client_id: clientId,
    client_secret: clientSecret,
    username: user,
    password,
  });
  try {
    // Asking twice gives two tokens, and harms nobody.
    const retry = { ...READ_AGAIN, ...(typeof options.retry === "object" && options.retry) };
    return parseToken(await ky.post(url, { ...options, retry, body }).json());
  } catch (error) {
    throw await describeFailure(error, { host: url.host, secrets: secretsOf(account), login: true });
  }
}

const READ_AGAIN = { methods: ["post" as const], retryOnTimeout: true };

function parseToken(answer: unknown): Token {
  if (isObject(answer) && typeof answer.access_token === "string" && typeof answer.expires_in === "number") {
    return { value: answer.access_token, ends: Date.now() + answer.expires_in * 1000 };
  }
  throw new TypeError("the answer has no access_token");
}
