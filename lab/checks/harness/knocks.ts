import { mustSucceed } from "../../machine/command.js";
import { runIn } from "../../machine/enter.js";
import { fieldsOf, listOf } from "../../observe/json.js";
import type { Remain } from "../../protocol.js";

/**
 * Counts a scanner's packets inside of a namespace: which ports they arrived for, and which of them the firewall let through. Its
 * table is beside the namespace's own and refuses nothing: chains before all others see what arrives, chains after the filter see
 * what is left.
 */

const TABLE = "inet meshflake-lab-scan";
/** nftables' priority of filters is 0; of what looks at raw packets -300. */
const BEFORE_ALL = -310;
const AFTER_FILTER = 100;

/** What is scanned for. */
export type Protocol = "tcp" | "udp";
type Place = "arrived" | "admitted";

/** What a namespace is to the packets. */
export interface KnockPlace {
  /**
   * They pass through to somebody behind. Such a router forgets them at once: it would remember each for two minutes, and hundreds
   * of thousands of them fill its table of connections, after which it drops whatever comes.
   */
  readonly isPassage: boolean;
}

/** @param scanner the address that packets come from. Exported for the tests. */
export function knockTable(scanner: string, address: string, { isPassage }: KnockPlace): string {
  const family = scanner.includes(":") ? "ip6" : "ip";
  const sets = (["arrived", "admitted"] as const).flatMap((place) =>
    (["tcp", "udp"] as const).flatMap((protocol) => [
      `  set ${place}-${protocol} {`,
      "    type inet_service",
      "    flags dynamic",
      "    size 65536",
      "  }",
    ]),
  );
  const count = (place: Place, match: string) => [
    `    ${match} tcp flags & (syn | ack) == syn add @${place}-tcp { tcp dport }`,
    `    ${match} meta l4proto udp add @${place}-udp { udp dport }`,
  ];
  return [
    `table ${TABLE}`,
    `delete table ${TABLE}`,
    `table ${TABLE} {`,
    ...sets,
    "  chain arriving {",
    `    type filter hook prerouting priority ${BEFORE_ALL}; policy accept;`,
    ...count("arrived", `${family} saddr ${scanner} ${family} daddr ${address}`),
    ...(isPassage
      ? [
          `    ${family} saddr ${scanner} ${family} daddr ${address} notrack`,
          `    ${family} saddr ${address} ${family} daddr ${scanner} notrack`,
        ]
      : []),
    "  }",
    "  chain admitted {",
    `    type filter hook input priority ${AFTER_FILTER}; policy accept;`,
    ...count("admitted", `${family} saddr ${scanner}`),
    "  }",
    "}",
    "",
  ].join("\n");
}

/** What counting leaves in a namespace of that name. */
export function knocksIn(namespace: string): Remain {
  return { kind: "table", namespace, table: TABLE };
}

/** Begins to count in a namespace, from nothing. */
export async function beginKnocks(pid: number, scanner: string, address: string, place: KnockPlace): Promise<void> {
  const result = await runIn(pid, ["nft", "-f", "-"], { input: knockTable(scanner, address, place) });
  mustSucceed("counting a scanner's packets", result);
}

/** Ports that a scanner's packets came for, or were let through for, so far. */
export async function readKnocks(pid: number, place: Place, protocol: Protocol): Promise<number[]> {
  const result = await runIn(pid, ["nft", "-j", "list", "set", ...TABLE.split(" "), `${place}-${protocol}`]);
  return readSet(mustSucceed("reading a scanner's packets", result).stdout);
}

/** Reads the elements of nft's JSON. Exported for the tests. */
export function readSet(json: string): number[] {
  const value: unknown = JSON.parse(json);
  return listOf(fieldsOf(value).nftables)
    .flatMap((entry) => listOf(fieldsOf(fieldsOf(entry).set).elem))
    .filter((element) => typeof element === "number");
}
