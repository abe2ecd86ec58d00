import type { Problem } from "../model/problem.js";
import { isObject } from "./json.js";
import { FILE_START, problemAt, problemIn } from "./problems.js";

/** What a file of the fleet has to export by default. */
export type Kind = "fleet" | "host" | "environment";

const EXAMPLES: Readonly<Record<Kind, string>> = {
  fleet: "export default defineFleet({ … })",
  host: "export default fleet.raspberryPi({ … })",
  environment: "export default fleet.environment({ … })",
};

const NOUNS: Readonly<Record<Kind, string>> = { fleet: "a fleet", host: "a host", environment: "an environment" };

const MOVES: Readonly<Record<Kind, string>> = {
  fleet: "the fleet belongs into hosts/fleet.ts",
  host: "a host belongs into a file of its own, hosts/NAME.ts",
  environment: "an environment belongs into hosts/environments/NAME.ts",
};

export type Unwrapped = { readonly value: unknown } | { readonly problem: Problem };

/** Takes the default export out of a module's exports. */
export function unwrapDefault(
  kind: Kind,
  file: string,
  exports: Readonly<Record<string, unknown>> | undefined,
): Unwrapped {
  if (exports === undefined || !("default" in exports)) {
    const helper = kind === "host" ? "; a file that is no host begins with `_`" : "";
    const hint = `write \`${EXAMPLES[kind]}\`${helper}`;
    return { problem: problemAt("no-default-export", file, FILE_START, "has no default export", hint) };
  }
  return unwrapValue(kind, file, exports.default);
}

/** Checks what kind of thing a default export, or a JSON file, is; a `defineFleet` result becomes its input. */
export function unwrapValue(kind: Kind, file: string, value: unknown): Unwrapped {
  const found = kindOf(value);
  if (found === kind) return { value: kind === "fleet" ? inputOf(value) : value };
  if (found !== "object") {
    const is = found in NOUNS ? NOUNS[found as Kind] : found;
    const hint =
      found in MOVES ? `${MOVES[found as Kind]}; here: \`${EXAMPLES[kind]}\`` : `write \`${EXAMPLES[kind]}\``;
    return { problem: problemIn("default-export", file, [], `exports ${is} where ${NOUNS[kind]} belongs`, hint) };
  }
  return { value };
}

/** A fleet and a host are recognised; any other object may be what it should be, which the schemas say. */
function kindOf(value: unknown): Kind | "object" | string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "function") return "a function";
  if (value === null || value === undefined) return String(value);
  if (!isObject(value)) return `a ${typeof value}`;
  if ("then" in value) return "a promise";
  if (typeof value.environment === "function" && isObject(value.input)) return "fleet";
  if (typeof value.platform === "string") return "host";
  return isObject(value.sites) && isObject(value.admins) ? "fleet" : "object";
}

function inputOf(value: unknown): unknown {
  return isObject(value) && typeof value.environment === "function" ? value.input : value;
}
