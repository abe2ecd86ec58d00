import { isIP } from "node:net";
import type { Cloud, Properties } from "./cloud.js";
import type { StandIn } from "./provider.js";

/** Cloudflare's DNS, as far as its provider shows it. */

const RECORD = "cloudflare:index/dnsRecord:DnsRecord";
/** A zone that somebody made in the dashboard. */
const ZONE = "zone";

/** Records of one name may stand beside each other, but for the same content twice. */
function makeRecord({ zoneId, name, type, content }: Properties, cloud: Cloud): Properties {
  const zone = cloud.find(ZONE, String(zoneId));
  if (zone === undefined) throw new Error(`zone ${zoneId} is invalid (7003)`);
  if (!String(name).endsWith(`.${zone.properties.name}`)) throw new Error(`${name} is not in the zone (9005)`);
  if (isIP(String(content)) !== (type === "AAAA" ? 6 : 4)) throw new Error(`content for ${type} is invalid (9005)`);
  const isSame = (one: Properties) => one.name === name && one.type === type && one.content === content;
  if (cloud.list(RECORD).some(({ properties }) => isSame(properties)))
    throw new Error("an identical record already exists (81058)");
  return {};
}

export const CLOUDFLARE: StandIn = {
  npm: "@pulumi/cloudflare",
  version: "6.22.1",
  behaviours: { [RECORD]: { replaces: ["zoneId"], make: makeRecord } },
  invokes: {
    "cloudflare:index/getZones:getZones": ({ name }, cloud) => ({
      match: "all",
      results: cloud
        .list(ZONE)
        .filter(({ properties }) => name === undefined || properties.name === name)
        .map(({ id, properties }) => ({ ...properties, id })),
    }),
    "cloudflare:index/getDnsRecords:getDnsRecords": ({ zoneId }, cloud) => ({
      zoneId,
      results: cloud
        .list(RECORD)
        .filter(({ properties }) => properties.zoneId === zoneId)
        .map(({ id, properties: { __inputs: _, ...properties } }) => ({ comment: "", ...properties, id })),
    }),
  },
};
