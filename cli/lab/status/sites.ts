import { familyOf } from "../../../generators/model/net.js";
import { FAMILIES, type Family } from "../../../generators/model/vocabulary.js";
import { FAMILY_NAME } from "../../../generators/validate/rules/network/notation.js";
import type { SiteStatus } from "../../../lab/protocol.js";
import { wrapWords } from "./words.js";

/** How sites go out, and at which public addresses they are. */

/** Where hosts have public addresses of their own, nobody looks for them at the router's. */
function addressesIn({ addresses, wan4, wan6, ...site }: SiteStatus, family: Family): string[] {
  const own = addresses.filter(({ address }) => familyOf(address) === family);
  const router = family === "ipv4" ? wan4 : wan6;
  const shown = router === null || site[family] === "public" || site[family] === "none" ? [] : [router];
  return [...shown, ...own.map(({ host, address }) => `${host} ${address}`)];
}

/** A line or more a family, the site's name before the first. */
function formatSite(site: SiteStatus, column: number, width: number): string[] {
  return FAMILIES.flatMap((family, index) => {
    const moves = site.dynamic && family === "ipv4" ? " (dynamic)" : "";
    const name = index === 0 ? site.name : "";
    const addresses = addressesIn(site, family);
    const first = `  ${name.padEnd(column)}${FAMILY_NAME[family]} ${site[family]}${moves}`;
    return addresses.length === 0 ? [first] : wrapWords(`${first}: `, addresses, width);
  });
}

/** @param width characters of a line */
export function formatSites(sites: readonly SiteStatus[], width: number): string[] {
  const column = Math.max(0, ...sites.map(({ name }) => name.length)) + 2;
  return sites.flatMap((site) => formatSite(site, column, width));
}
