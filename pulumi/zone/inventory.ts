import { isOurs } from "../hetzner/labels.js";
import { loadHcloud } from "../packages.js";
import type { CloudView, ZoneView } from "../plan/types.js";
import { commentOf } from "./mark.js";

/** What a zone has already, looked up once before anything is made. */
export interface ZoneFact {
  /** The provider's own id of the zone. */
  readonly id: string;
  readonly records: readonly RecordFact[];
}

/** A record, or all of one name and type. */
export interface RecordFact {
  readonly type: string;
  /** Relative to the zone. */
  readonly name: string;
  /** Whether this stack made it, and not a person or another stack. */
  readonly isOurs: boolean;
}

/** @returns null where the account has no such zone @throws what the provider says, e.g. that the token is refused */
export async function takeHetznerZone(view: CloudView, { name }: ZoneView): Promise<ZoneFact | null> {
  const hcloud = loadHcloud();
  const { zones } = await hcloud.getZones({});
  const zone = zones.find((one) => one.name === name);
  if (zone === undefined) return null;
  const { rrsets } = await hcloud.getZoneRrsets({ zone: name });
  return {
    id: String(zone.id),
    records: rrsets.map(({ type, name: own, labels }) => ({ type, name: own, isOurs: isOurs(view, labels) })),
  };
}

/**
 * @param cloudflare the provider's package
 * @returns null where the token sees no such zone
 * @throws what the provider says, e.g. that the token is refused
 */
export async function takeCloudflareZone(
  cloudflare: typeof import("@pulumi/cloudflare"),
  view: CloudView,
  { name }: ZoneView,
): Promise<ZoneFact | null> {
  const { results: zones } = await cloudflare.getZones({ name });
  const zone = zones.find((one) => one.name === name);
  if (zone === undefined) return null;
  const { results } = await cloudflare.getDnsRecords({ zoneId: zone.id, maxItems: MOST_RECORDS });
  return {
    id: zone.id,
    records: results.map(({ type, name: full, comment }) => ({
      type,
      name: full.endsWith(`.${name}`) ? full.slice(0, -name.length - 1) : full,
      isOurs: comment === commentOf(view),
    })),
  };
}

/** Above what any plan of Cloudflare's lets a zone have; the provider's package stops at 1,000 by itself. */
const MOST_RECORDS = 10_000;
