import type { Answers } from "../../observe/names/look-up.js";
import type { Failure } from "../report.js";

/** Whether names lead where they are to lead. Pure. */

/**
 * @param how whom was asked: `127.0.0.1` or `/etc/resolv.conf`
 * @param wanted the addresses of each name, all of them
 */
export function judgeNames(
  host: string,
  how: string,
  wanted: ReadonlyMap<string, readonly string[]>,
  seen: Answers,
): Failure[] {
  return [...wanted].flatMap(([name, addresses]) => {
    const expected = [...addresses].sort().join(" ");
    const found = (seen.get(name) ?? []).join(" ");
    if (found === expected) return [];
    return [
      {
        expected: `${host}: ${name} is ${expected} by ${how}`,
        seen: found === "" ? "no answer" : found,
        look: `meshflake lab exec ${host} -- dig ${name}`,
      },
    ];
  });
}

/** Names with all their addresses. */
export function groupNames(
  records: readonly { readonly name: string; readonly address: string }[],
): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const { name, address } of records) names.set(name, [...(names.get(name) ?? []), address]);
  return names;
}
