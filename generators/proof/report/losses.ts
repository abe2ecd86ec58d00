import type { Loss } from "../walk/losses.js";
import type { ProofFinding } from "../world.js";

/** Hosts that are named for each relay; where there are more, what they lack is the same. */
const SHOWN = 10;

/** A warning for each host that a single relay cuts off, and for each such relay. @param losses sorted by relay */
export function describeLosses(losses: readonly Loss[]): ProofFinding[] {
  const found: ProofFinding[] = [];
  for (let first = 0; first < losses.length; ) {
    let end = first + 1;
    while (losses[end] !== undefined && losses[end]?.relay === losses[first]?.relay) end++;
    const shown = losses.slice(first, Math.min(end, first + SHOWN));
    shown.forEach((loss, i) => {
      found.push(describeLoss(loss, i === shown.length - 1 ? end - first - shown.length : 0));
    });
    first = end;
  }
  return found;
}

function describeLoss({ host, relay, count, example }: Loss, more: number): ProofFinding {
  const others = count === 1 ? example.name : `${count} other hosts`;
  const rest = more === 0 ? "" : ` (and ${more} more hosts like it)`;
  return {
    code: "proof-single-relay",
    severity: "warning",
    from: host.name,
    to: example.name,
    relayDown: relay.name,
    hop: host.name,
    more,
    message: `${host.name} loses ${others} while ${relay.name} is down: no other way joins them${rest}`,
    hint: host.cluster.relays.includes(example)
      ? `let ${host.name} and ${example.name} reach each other without ${relay.name}`
      : "add a second relay that both sides can reach",
  };
}
