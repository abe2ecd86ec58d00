import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import type { HostOutput } from "../outputs.js";
import type { NameView, ZoneView } from "../plan/types.js";

/** Seconds that resolvers keep an address: short enough for a host that gets another one. */
const TTL = 300;

/** A record of a host. */
export interface HostRecord {
  readonly type: "A" | "AAAA";
  /** Relative to the zone. */
  readonly name: string;
  readonly address: pulumi.Output<string>;
}

/**
 * The records of a zone.
 * @param machines what the stack made, by host
 */
export function listRecords(
  { names }: ZoneView,
  machines: Readonly<Record<string, pulumi.Output<HostOutput>>>,
): HostRecord[] {
  return names.flatMap((name) => {
    const ipv4 = addressOf(name, machines[name.host]);
    return [
      ...(ipv4 === null ? [] : [{ type: "A" as const, name: name.name, address: ipv4 }]),
      ...(name.ipv6 === null ? [] : [{ type: "AAAA" as const, name: name.name, address: pulumi.output(name.ipv6) }]),
    ];
  });
}

/** A server's own address is the provider's word, so that a name never points to where no server is. */
function addressOf({ ipv4 }: NameView, machine: pulumi.Output<HostOutput> | undefined): pulumi.Output<string> | null {
  if (ipv4 !== null) return pulumi.output(ipv4);
  return machine?.apply((made) => made.ipv4 ?? "") ?? null;
}

/** Public names in a zone that exists at Hetzner. The zone itself, and what else is in it, are left alone. */
export class HetznerZone extends pulumi.ComponentResource {
  constructor(zone: ZoneView, records: readonly HostRecord[], options: pulumi.ComponentResourceOptions = {}) {
    super("meshflake:hetzner:Zone", zone.name, {}, options);
    for (const { type, name, address } of records) {
      const args = { zone: zone.name, name, type, ttl: TTL, records: [{ value: address }] };
      new hcloud.ZoneRrset(`${name}-${type}`, args, { parent: this, deleteBeforeReplace: true });
    }
    this.registerOutputs();
  }
}

/** Public names in a zone that exists at Cloudflare, which only answers for them: nothing is proxied. */
export class CloudflareZone extends pulumi.ComponentResource {
  /** @param cloudflare Pulumi's package, which only fleets with a zone there install */
  constructor(
    cloudflare: typeof import("@pulumi/cloudflare"),
    zone: ZoneView,
    records: readonly HostRecord[],
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("meshflake:cloudflare:Zone", zone.name, {}, options);
    const zoneId = cloudflare.getZoneOutput({ filter: { name: zone.name } }).apply(({ id }) => id);
    for (const { type, name, address } of records) {
      const args = { zoneId, name: `${name}.${zone.name}`, type, ttl: TTL, content: address, proxied: false };
      new cloudflare.DnsRecord(`${name}-${type}`, args, { parent: this, deleteBeforeReplace: true });
    }
    this.registerOutputs();
  }
}
