import type { Mesh } from "../host/nodes.js";
import type { Tables } from "../host/tables.js";
import type { Failure, Stop } from "../walk/follow.js";
import { FOLLOWED_PAIRS } from "../walk/suspects.js";
import type { ProofFinding } from "../world.js";
import { type Explanation, explainFailure } from "./explain.js";

/** Thousands of failures often have one cause: so many are shown of each, one of a closed port, and the rest counted. */
const SHOWN = 2;

const SAMPLED = `after ${FOLLOWED_PAIRS.toLocaleString("en")} pairs only samples were followed, so there may be more`;

/** Stops by what is wrong, for the findings' stable codes. */
const CODES: Readonly<Record<Stop, string>> = {
  "no-route": "proof-route",
  "bfd-down": "proof-route",
  "leaves-mesh": "proof-route",
  "wrong-source": "proof-route",
  loop: "proof-route",
  "relay-down": "proof-relay-down",
  "no-peer": "proof-peer",
  "unknown-key": "proof-peer",
  "one-sided-peer": "proof-peer",
  "no-keepalive": "proof-keepalive",
  "no-start": "proof-link",
  "source-refused": "proof-allowed-ips",
  "reverse-path": "proof-reverse-path",
  "no-forwarding": "proof-forwarding",
  "forward-rule": "proof-forwarding",
  "not-its-address": "proof-address",
  "closed-port": "proof-port",
};

interface Group {
  readonly failures: { readonly failure: Failure; readonly explanation: Explanation }[];
  count: number;
}

/** Collects failures by cause. */
export class Findings {
  private readonly groups = new Map<string, Group>();

  constructor(
    private readonly mesh: Mesh,
    private readonly tables: Tables,
  ) {}

  add(failure: Failure): void {
    const { stop, hop, next, dead, listener } = failure;
    const blamed = stop === "no-keepalive" || stop === "one-sided-peer" ? (next ?? hop) : hop;
    // A port is closed whichever relay is alive.
    const isPort = stop === "closed-port";
    const kind = isPort ? `${listener.protocol}${listener.port}` : dead === null ? "alive" : "relay down";
    const key = `${stop} ${blamed.name} ${kind}`;
    let group = this.groups.get(key);
    if (group === undefined) {
      group = { failures: [], count: 0 };
      this.groups.set(key, group);
    }
    group.count++;
    if (group.failures.length >= (isPort ? 1 : SHOWN)) return;
    group.failures.push({ failure, explanation: explainFailure(this.mesh, this.tables, failure) });
  }

  /** What was found, first what fails with all hosts alive. @param sampled whether not all suspicious pairs were followed */
  list(sampled: boolean): ProofFinding[] {
    const found: ProofFinding[] = [];
    for (const { failures, count } of this.groups.values()) {
      failures.forEach(({ failure, explanation }, i) => {
        const more = i === failures.length - 1 ? count - failures.length : 0;
        found.push(toFinding(failure, explanation, more));
      });
    }
    found.sort(inOrder);
    const last = found.at(-1);
    if (sampled && last !== undefined) found.splice(-1, 1, { ...last, message: `${last.message}; ${SAMPLED}` });
    return found;
  }
}

function inOrder(a: ProofFinding, b: ProofFinding): number {
  const state = Number(a.relayDown !== undefined) - Number(b.relayDown !== undefined);
  if (state !== 0) return state;
  const [left, right] = [a, b].map(({ hop, code, from, to, relayDown }) => [hop, code, from, to, relayDown].join(" "));
  return (left ?? "") < (right ?? "") ? -1 : 1;
}

function toFinding(failure: Failure, { reason, hint }: Explanation, more: number): ProofFinding {
  const { stop, from, to, dead, hop, listener } = failure;
  const { port, protocol } = listener;
  const when = dead === null ? "" : ` while ${dead.name} is down`;
  const rest = more === 0 ? "" : ` (and ${more} more like it)`;
  return {
    code: CODES[stop],
    severity: "error",
    from: from.name,
    to: to.name,
    port,
    protocol,
    ...(dead !== null && { relayDown: dead.name }),
    hop: hop.name,
    more,
    message: `${from.name} cannot reach ${to.name} on ${port}/${protocol}${when}: stops at ${hop.name}, ${reason}${rest}`,
    hint,
  };
}
