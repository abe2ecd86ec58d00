import type { Rule } from "../../rule.js";
import { quote } from "../support.js";

/** The zone of the public names. */

export const zoneDomain: Rule = {
  code: "zone-domain",
  severity: "error",
  title: "The fleet's domain is in the zone that it names",
  why: "A provider takes only names of the zone itself; it would refuse the first record, after the machines were made.",
  needs: "fleet",
  *check({ inputs, fleet }) {
    const { zone, domain } = fleet;
    if (zone === null || domain === zone.name || domain.endsWith(`.${zone.name}`)) return;
    const hint = `name the zone that ${domain} is in`;
    yield {
      at: inputs.fleetOriginsOf(["zone", "name"]),
      message: `${quote(domain)} is not in the zone ${quote(zone.name)}`,
      hint,
    };
  },
};
