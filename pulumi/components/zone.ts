import * as pulumi from "@pulumi/pulumi";
import { projectLabels } from "../hetzner/labels.js";
import { loadCloudflare, loadHcloud } from "../packages.js";
import type { CloudView, ZoneView } from "../plan/types.js";
import { commentOf } from "../zone/mark.js";
import type { HostRecord } from "../zone/records.js";

/** Seconds that resolvers keep an address: short enough for a host that gets another one. */
const TTL = 300;

/** What records are marked with: which stack made them. */
type Owner = Pick<CloudView, "fleet" | "environment" | "prefix">;

/** Public names in a zone that exists at Hetzner. The zone itself, and what else is in it, are left alone. */
export class HetznerZone extends pulumi.ComponentResource {
  constructor(
    owner: Owner,
    zone: ZoneView,
    records: readonly HostRecord[],
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("meshflake:hetzner:Zone", zone.name, {}, options);
    const { ZoneRrset } = loadHcloud();
    const labels = projectLabels(owner);
    for (const { type, name, address } of records) {
      const args = { zone: zone.name, name, type, ttl: TTL, records: [{ value: address }], labels };
      new ZoneRrset(`${name}-${type}`, args, { parent: this, deleteBeforeReplace: true });
    }
    this.registerOutputs();
  }
}

/** Public names in a zone that exists at Cloudflare, which only answers for them: nothing is proxied. */
export class CloudflareZone extends pulumi.ComponentResource {
  /**
   * @param zone with Cloudflare's own id of it
   * @throws Error where `@pulumi/cloudflare` is not installed, as only fleets with a zone there need it
   */
  constructor(
    owner: Owner,
    zone: ZoneView & { readonly id: string },
    records: readonly HostRecord[],
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("meshflake:cloudflare:Zone", zone.name, {}, options);
    const cloudflare = loadCloudflare();
    if (cloudflare === null) throw new Error("@pulumi/cloudflare is not installed");
    const common = { zoneId: zone.id, ttl: TTL, proxied: false, comment: commentOf(owner) };
    for (const { type, name, address } of records) {
      const args = { ...common, name: `${name}.${zone.name}`, type, content: address };
      new cloudflare.DnsRecord(`${name}-${type}`, args, { parent: this, deleteBeforeReplace: true });
    }
    this.registerOutputs();
  }
}
