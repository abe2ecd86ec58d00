import { mustSucceed } from "../../machine/command.js";
import { runIn } from "../../machine/enter.js";
import { fieldsOf, listOf, numberOf, textOf } from "../../observe/json.js";
import { lookUp } from "../../observe/names/look-up.js";
import type { Remain } from "../../protocol.js";
import type { LabSpec } from "../../spec.js";
import type { Harness } from "../harness/harness.js";
import { judgeNames } from "../judge/names.js";
import { judgeUpstream, type UpstreamSeen } from "../judge/upstream.js";
import type { Failure } from "../report.js";

/** Public names come from upstream over TLS, and are asked for in no other way. */

/** The lab's stand-in for the world's resolvers answers this name. */
const PUBLIC_NAME = "public.example.org";
/** Beside every other table of the internet's namespace; it decides nothing. */
const TABLE = "inet meshflake-lab-upstream";
const COUNTERS: Remain = { kind: "table", namespace: "internet", table: TABLE };

/** Where DNS without TLS is answered. */
const CLEAR_PORT = 53;

type Resolvers = LabSpec["world"]["resolvers"];

/**
 * Looks a name up on every host that no host can know, so that each has to ask, and counts in the internet how it did. The stand-in speaks
 * TLS alone on its TCP ports for that, so that a packet to one of them is a part of TLS.
 */
export async function checkUpstream(harness: Harness, spec: LabSpec): Promise<Failure[]> {
  const { resolvers } = spec.world;
  const secure = resolvers.filter(isSecure);
  const [first] = secure;
  if (first === undefined) return judgeResolvers(resolvers);
  const outside = await harness.pidOfNamespace("internet");
  const truth = await askOutside(outside, first, ["+tls"]);
  const wanted = new Map([[PUBLIC_NAME, truth]]);
  const failures: Failure[] = [];
  await harness.making(COUNTERS);
  for (const { name } of spec.hosts) {
    const pid = await harness.pidOf(name);
    await beginCounting(outside, resolvers);
    await lookUp(pid, [`unknown-${name}-${Date.now()}.example.org`]);
    failures.push(...judgeUpstream(name, await readCounts(outside)));
    failures.push(...judgeNames(name, "/etc/resolv.conf", wanted, await lookUp(pid, [PUBLIC_NAME])));
  }
  await harness.takeBack([COUNTERS]);
  const clear = (await Promise.all(secure.map((resolver) => askOutside(outside, resolver, ["+tcp"])))).flat();
  return [...failures, ...judgeStandIn(truth, clear)];
}

function isSecure({ tlsName }: Resolvers[number]): boolean {
  return tlsName !== null;
}

/** Whoever asks nobody has nothing to hide; whoever asks somebody needs one that speaks TLS. Exported for the tests. */
export function judgeResolvers(resolvers: Resolvers): Failure[] {
  if (resolvers.length === 0 || resolvers.some(isSecure)) return [];
  const seen = resolvers.map(({ address }) => address).join(", ");
  return [{ expected: "a resolver upstream has a name for TLS", seen: `none of ${seen}`, look: "meshflake plan" }];
}

/** Asks the stand-in itself, on its port for TLS. */
async function askOutside(
  pid: number,
  { address, port }: Resolvers[number],
  flags: readonly string[],
): Promise<string[]> {
  const argv = ["dig", `@${address}`, "-p", String(port), "+short", "+time=3", "+tries=1", ...flags, PUBLIC_NAME, "A"];
  const { stdout } = await runIn(pid, argv, { timeoutMs: 10_000 });
  return stdout.split("\n").filter((line) => /^[\d.]+$/.test(line));
}

function judgeStandIn(truth: readonly string[], clear: readonly string[]): Failure[] {
  const look = "meshflake lab status";
  return [
    ...(truth.length > 0 ? [] : [{ expected: `the lab's resolver knows ${PUBLIC_NAME}`, seen: "no answer", look }]),
    ...(clear.length === 0 ? [] : [{ expected: "the lab's resolver speaks TLS alone", seen: clear.join(" "), look }]),
  ];
}

async function beginCounting(pid: number, resolvers: Resolvers): Promise<void> {
  const result = await runIn(pid, ["nft", "-f", "-"], { input: countingTable(resolvers) });
  mustSucceed("counting what resolvers are asked", result);
}

/** Exported for the tests. */
export function countingTable(resolvers: Resolvers): string {
  const rules = resolvers
    .filter(({ port }) => port !== CLEAR_PORT)
    .flatMap((resolver) => {
      const { address, port } = resolver;
      const to = `${address.includes(":") ? "ip6" : "ip"} daddr ${address}`;
      return [
        `    ${to} tcp dport ${port} counter name ${isSecure(resolver) ? "secure" : "clear"}`,
        `    ${to} udp dport ${port} counter name clear`,
      ];
    });
  return [
    `table ${TABLE}`,
    `delete table ${TABLE}`,
    `table ${TABLE} {`,
    "  counter secure {",
    "  }",
    "  counter clear {",
    "  }",
    "  chain asked {",
    "    type filter hook prerouting priority -310; policy accept;",
    ...new Set(rules),
    // To whomever: a host that asks somebody else in the clear tells the world as much.
    `    meta l4proto { tcp, udp } th dport ${CLEAR_PORT} counter name clear`,
    "  }",
    "}",
    "",
  ].join("\n");
}

async function readCounts(pid: number): Promise<UpstreamSeen> {
  const result = await runIn(pid, ["nft", "-j", "list", "counters", "table", ...TABLE.split(" ")]);
  const counters = listOf(fieldsOf(JSON.parse(result.stdout || "{}")).nftables).map((entry) =>
    fieldsOf(fieldsOf(entry).counter),
  );
  const packets = (name: string) => numberOf(counters.find((counter) => textOf(counter.name) === name)?.packets);
  return { secure: packets("secure"), clear: packets("clear") };
}
