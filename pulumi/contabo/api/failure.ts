import { isHTTPError, isTimeoutError } from "ky";
import { isObject } from "../../../generators/load/json.js";
import { ContaboError } from "./error.js";

/** What a failed call means, in words that hold nothing of the request but its host, and Contabo's id of it. */

/** What is known about a call, beside its error. */
export interface FailedCall {
  /** The server, e.g. `api.contabo.com`. */
  readonly host: string;
  /** Values that must not be shown, should an answer repeat them. */
  readonly secrets: readonly string[];
  /** The call asked for a token. @default false */
  readonly login?: boolean;
}

/** The longest text of an answer that is shown. */
const LONGEST = 300;

/** @returns the error to throw in place of an HTTP client's */
export async function describeFailure(error: unknown, call: FailedCall): Promise<ContaboError> {
  if (error instanceof ContaboError) return error;
  if (isHTTPError(error)) return describeAnswer(error.response, error.request.headers, call);
  if (isTimeoutError(error)) return new ContaboError("unsure", `${call.host} did not answer in time`, LATER);
  if (error instanceof SyntaxError || !(error instanceof Error) || findCode(error) === null) {
    return new ContaboError("unsure", `${call.host} gave an answer that is none of Contabo's API`, LATER);
  }
  return new ContaboError(
    "unsure",
    `${call.host} cannot be reached (${findCode(error)})`,
    "look at this machine's network and its proxy, then run it again",
  );
}

const LATER = "run it again later; what was done already is not done twice";

/** What the operating system said, below `fetch`'s own error. */
function findCode(error: Error): string | null {
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === "string") return code;
  return error.cause instanceof Error ? findCode(error.cause) : null;
}

async function describeAnswer(response: Response, sent: Headers, call: FailedCall): Promise<ContaboError> {
  const { status } = response;
  const token = sent.get("authorization")?.replace("Bearer ", "") ?? "";
  // In this order: the beginning of a secret that is cut is no secret that is found.
  const said = redact(await readMessage(response), [...call.secrets, token]).slice(0, LONGEST);
  const requestId = sent.get("x-request-id");
  const id = requestId === null ? "" : `, request ${requestId}`;
  const what = `${call.host} answered ${status}${said === "" ? "" : ` (${said})`}${id}`;
  const [fault, hint] = explainStatus(status, call.login === true);
  return new ContaboError(fault, what, hint);
}

function explainStatus(status: number, login: boolean): [ContaboError["fault"], string] {
  if (login && status < 429) {
    return [
      "refused",
      'compare CNTB_OAUTH2_… with the customer panel\'s page "API"; the API password is one of its own',
    ];
  }
  if (status === 401) return ["refused", "the token is refused: look at the API user in the customer panel"];
  if (status === 402) return ["refused", "it costs extra, and nothing is ordered here: order it in the customer panel"];
  if (status === 403) return ["refused", "give the API user a role for compute instances (GET, POST, PUT)"];
  if (status === 404) return ["missing", "compare the number with the customer panel's list"];
  if (status === 409) return ["refused", "another change is under way: wait until it is done, then run it again"];
  if (status === 429) return ["refused", "too many requests: wait some minutes, then run it again"];
  if (status >= 500) return ["unsure", LATER];
  return ["refused", "Contabo's support can look the request up"];
}

async function readMessage(response: Response): Promise<string> {
  try {
    const answer: unknown = await response.clone().json();
    if (!isObject(answer)) return "";
    const message = answer.message ?? answer.error_description ?? answer.error;
    return Array.isArray(message) ? message.join("; ") : typeof message === "string" ? message : "";
  } catch {
    // A page of some proxy on the way: its status says enough.
    return "";
  }
}

function redact(text: string, secrets: readonly string[]): string {
  // The longest first: one may be a part of another.
  const ordered = [...secrets].sort((a, b) => b.length - a.length);
  return ordered.reduce((clean, secret) => (secret === "" ? clean : clean.replaceAll(secret, "…")), text);
}
