import fc from "fast-check";
import type { FleetInput, HostInput } from "../../generators/model/input.js";
import { UPLINKS } from "../../generators/model/vocabulary.js";
import { FLEET } from "./fleets.js";

/** Random fleets: any mix of sites, hosts with and without addresses, any relays among those that can be one. */

export interface RandomFleet {
  readonly fleet: FleetInput;
  readonly hosts: Readonly<Record<string, HostInput>>;
}

const site = fc.record({
  ipv4: fc.constantFrom(...UPLINKS),
  ipv6: fc.constantFrom(...UPLINKS),
  dynamic: fc.boolean(),
  mtu: fc.constantFrom(1280, 1460, 1492, 1500),
});

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,14}$/);

/** One way to put a host at a site; addresses follow from its number. */
const host = fc.record({
  site: fc.nat({ max: 5 }),
  addressed: fc.boolean(),
  lan: fc.boolean(),
  relay: fc.boolean(),
  endpoint: fc.boolean(),
});

type Draft = typeof host extends fc.Arbitrary<infer T> ? T : never;
type SiteDraft = typeof site extends fc.Arbitrary<infer T> ? T : never;

function buildHost(draft: Draft, sites: readonly SiteDraft[], number: number): HostInput {
  const index = draft.site % sites.length;
  const at = sites[index];
  if (at === undefined) throw new Error("a fleet without sites");
  const public4 = at.ipv4 === "public" || at.ipv4 === "firewalled";
  const own4 = public4 ? `203.0.113.${number + 1}/24` : `192.168.${index}.${number + 1}/24`;
  const address = {
    ...(draft.addressed && at.ipv4 !== "none" && (public4 || draft.lan) && { ipv4: own4 }),
    ...(draft.addressed && at.ipv6 !== "none" && { ipv6: `2001:db8:${index}::${number + 1}/64` }),
  };
  const forwarded = at.ipv4 === "portForwarded" || at.ipv6 === "portForwarded";
  const inbound = [at.ipv4, at.ipv6].some((uplink) => uplink === "public" && draft.addressed);
  return {
    platform: "bareMetal",
    site: `site${index}`,
    address,
    mesh: {
      ...(forwarded && draft.endpoint && { endpoint: `home${number}.example.org:${40000 + number}` }),
      relay: draft.relay && inbound && !at.dynamic,
    },
  };
}

/** @param max hosts at most */
export function randomFleets(max: number): fc.Arbitrary<RandomFleet> {
  return fc
    .record({
      sites: fc.array(site, { minLength: 1, maxLength: 6 }),
      names: fc.uniqueArray(name, { minLength: 1, maxLength: max }),
      drafts: fc.array(host, { minLength: max, maxLength: max }),
      topology: fc.constantFrom("full" as const, "hub" as const),
    })
    .map(({ sites, names, drafts, topology }) => ({
      fleet: {
        ...FLEET,
        sites: Object.fromEntries(sites.map((one, index) => [`site${index}`, one])),
        mesh: { ...FLEET.mesh, topology },
      },
      hosts: Object.fromEntries(
        names.flatMap((one, index) => {
          const draft = drafts[index];
          return draft === undefined ? [] : [[one, buildHost(draft, sites, index)]];
        }),
      ),
    }));
}
