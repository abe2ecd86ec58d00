import type { Answer } from "../../observe/clusters/ask.js";
import type { Failure } from "../report.js";

/** Whether an API keeps to itself what only tokens may see. Pure. */

/** Statuses that tell nothing; `kv` answers 404 for what one may not read. */
const REFUSED: ReadonlySet<number> = new Set([401, 403, 404]);

/** JSON that says nothing: lists that were filtered until nothing was left. */
export function isEmpty(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    if (value === null || value === "") return true;
    return typeof value === "object" && Object.values(value).every((one) => one === null || isEmptyList(one));
  } catch {
    return text.trim() === "";
  }
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Whether the daemon itself has answered; otherwise nobody knows what it would have told. Too many requests are none either. */
function isAnswer(status: number): boolean {
  return status !== 0 && status !== 429 && status < 500;
}

/** Whether there is anything to keep: of what is never told to anybody, nothing is shown. */
function tells({ status, text }: Answer): boolean {
  return status === 200 && !isEmpty(text);
}

/**
 * @param anonymous what was answered without a token
 * @param managed what the same path answers with a management token: without content, an empty answer would be no secret
 * @param where e.g. `Consul on cosmo`
 */
export function judgeSecrecy(anonymous: Answer, managed: Answer, where: string, look: string): Failure[] {
  const path = `/v1/${anonymous.path}`;
  const { status, text } = anonymous;
  const told = {
    expected: `${where}: ${path} tells nothing without a token`,
    seen: `status ${status} with ${text.length} characters`,
    look,
  };
  if (tells(anonymous)) return [{ ...told, final: true }];
  if (!tells(managed)) {
    const seen = managed.status === 200 ? "an empty answer" : `status ${managed.status}`;
    return [{ expected: `${where}: ${path} tells something to a management token`, seen, look }];
  }
  const silent = REFUSED.has(status) || (status === 200 && isEmpty(text));
  return silent ? [] : [{ ...told, ...(isAnswer(status) && { final: true }) }];
}
