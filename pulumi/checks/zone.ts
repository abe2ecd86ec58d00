import type { Fleet } from "../../generators/model/fleet.js";
import type { Problem } from "../../generators/model/problem.js";
import type { NameView, ZoneView } from "../plan/types.js";
import type { RecordFact, ZoneFact } from "../zone/inventory.js";
import { hostProblem } from "./problem.js";

/** What a zone's provider would refuse after the machines were made, or would let two names' owners share. */

const CONSOLES = { hetzner: "Hetzner's console (DNS)", cloudflare: "Cloudflare's dashboard" } as const;

/** @param found the zone as it is; null where the account has none of that name */
export function checkZone(fleet: Fleet, zone: ZoneView, found: ZoneFact | null): Problem[] {
  if (found !== null) return zone.names.flatMap((name) => checkName(fleet, zone, name, found.records));
  const hint = `make it in ${CONSOLES[zone.provider]}, and let the domain's registrar name its servers; or correct the fleet's \`zone\``;
  const message = `the account that the token is of has no zone ${zone.name}`;
  return [{ code: "cloud", severity: "error", origins: fleet.fleetOriginsOf(["zone"]), message, hint }];
}

/** A CNAME stands alone (RFC 1034, 3.6.2); other types beside an address are no harm. */
function checkName(fleet: Fleet, zone: ZoneView, name: NameView, records: readonly RecordFact[]): Problem[] {
  const wanted = [
    "CNAME",
    ...(name.ipv4 !== null || name.given.includes("ipv4") ? ["A"] : []),
    ...(name.ipv6 !== null || name.given.includes("ipv6") ? ["AAAA"] : []),
  ];
  const taken = records.filter(({ name: own, type, isOurs }) => own === name.name && wanted.includes(type) && !isOurs);
  if (taken.length === 0 || wanted.length === 1) return [];
  const types = [...new Set(taken.map(({ type }) => type))].sort().join(" and ");
  const what = `${name.name}.${zone.name} has ${types} in its zone already, and this stack did not make it`;
  const hint = `delete it in ${CONSOLES[zone.provider]}, or let this host have another name`;
  return [hostProblem(fleet, name.host, [], what, hint)];
}
