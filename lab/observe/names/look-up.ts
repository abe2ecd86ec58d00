import { runIn } from "../../machine/enter.js";

/** Names as a host's own programs look them up. */

/** Addresses by name, sorted; a name without an answer has none. */
export type Answers = ReadonlyMap<string, readonly string[]>;

/**
 * Looks names up with one `dig`.
 * @param pid the host's first process
 * @param names fully qualified, without the last dot
 * @param server whom to ask, e.g. `127.0.0.1`; missing for whom `/etc/resolv.conf` says
 * @param flags further arguments, e.g. `+tls`
 */
export async function lookUp(
  pid: number,
  names: readonly string[],
  { server, flags = [] }: { readonly server?: string; readonly flags?: readonly string[] } = {},
): Promise<Answers> {
  if (names.length === 0) return new Map();
  const argv = [
    "dig",
    ...(server === undefined ? [] : [`@${server}`]),
    "+noall",
    "+answer",
    "+time=3",
    "+tries=2",
    ...flags,
  ];
  const input = names.flatMap((name) => [`${name} A\n`, `${name} AAAA\n`]).join("");
  const { stdout } = await runIn(pid, [...argv, "-f", "-"], {
    input,
    whole: true,
    timeoutMs: 10_000 + names.length * 2_000,
  });
  return readAnswers(stdout, names);
}

/** Reads dig's answer sections: `name. TTL IN A address`. Exported for the tests. */
export function readAnswers(stdout: string, names: readonly string[]): Answers {
  const found = new Map<string, Set<string>>(names.map((name) => [name, new Set<string>()]));
  for (const line of stdout.split("\n")) {
    const [, name = "", address = ""] = /^(\S+)\.\s+\d+\s+IN\s+A(?:AAA)?\s+(\S+)$/.exec(line) ?? [];
    found.get(name)?.add(address);
  }
  return new Map([...found].map(([name, addresses]) => [name, [...addresses].sort()]));
}
