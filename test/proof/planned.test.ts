import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FleetInput, HostInput } from "../../generators/model/input.js";
import type { FleetPlan } from "../../generators/plan/types.js";
import { proveFleet } from "../../generators/proof/prove.js";
import { type ProofFinding, worldOf } from "../../generators/proof/world.js";
import { viewFleet } from "../../generators/render/views/fleet.js";
import { placeholderKey } from "../../generators/render/views/network/mesh.js";
import { randomFleets } from "../support/arbitrary.js";
import { FLEET, planOf, publicHost, SIX, SIX_FLEET } from "../support/fleets.js";

const planned = suite("proof: what the planner plans");

/** `PROOF_SEED` repeats a run. */
const SEED = process.env.PROOF_SEED === undefined ? {} : { seed: Number(process.env.PROOF_SEED) };

function prove(plan: FleetPlan): ProofFinding[] {
  const views = viewFleet(plan);
  const hosts = [...plan.hosts].flatMap(([name, { mesh }]) => {
    const own = views.get(name);
    const publicKey = mesh.publicKey ?? placeholderKey(name);
    return own === undefined ? [] : [[name, { ip: mesh.ip, publicKey, views: own }] as const];
  });
  return proveFleet(worldOf(plan.fleet, new Map(hosts)));
}

/** Names are looked up again by the peer's key, so there must be one. */
function planWithKeys(fleet: FleetInput, hosts: Readonly<Record<string, HostInput>>): FleetPlan {
  const { lock } = planOf(fleet, hosts);
  const keyed = Object.entries(lock.hosts).map(
    ([name, host]) => [name, { ...host, wireguard: `key-of-${name}` }] as const,
  );
  return planOf(fleet, hosts, { ...lock, hosts: Object.fromEntries(keyed) });
}

/** A literal address where addresses change is a rule's business, and the proof's as well. */
function withoutStaleAddresses(fleet: FleetInput): FleetInput {
  const sites = Object.entries(fleet.sites).map(([name, site]) => {
    const literal = site.ipv4 === "public" || site.ipv6 === "public";
    return [name, { ...site, dynamic: site.dynamic === true && !literal }] as const;
  });
  return { ...fleet, sites: Object.fromEntries(sites) };
}

planned("the fleet of every kind of uplink works", () => {
  assert.equal(prove(planOf({ ...FLEET, mesh: { ...FLEET.mesh, relays: ["cosmo", "miki"] } }, SIX)), []);
});

planned("a random fleet loses packets between hosts that no path joins, and no others", () => {
  fc.assert(
    fc.property(randomFleets(Number(process.env.PROOF_HOSTS ?? 10)), ({ fleet, hosts }) => {
      const plan = planWithKeys(withoutStaleAddresses(fleet), hosts);
      const cluster = plan.clusters.get("cats");
      const surprising = prove(plan).filter(({ from, to, severity, relayDown }) => {
        const link = cluster?.linkOf(from, to);
        if (severity === "error") return link?.kind !== "none";
        // Two relays in a row may join what a hub's plan promises nothing for, and then either takes it along.
        if (link?.kind === "none") return cluster?.cluster.mesh.topology !== "hub";
        return link?.kind !== "relay" || link.relays.some((relay) => relay !== relayDown);
      });
      assert.equal(
        surprising.map(({ code, message }) => `${code}: ${message}`),
        [],
      );
    }),
    { numRuns: Number(process.env.PROOF_RUNS ?? 200), ...SEED },
  );
});

planned("a house that one of two relays does not reach is warned of, and nothing else", () => {
  const sites = { ...FLEET.sites, dc6: { ipv4: "none", ipv6: "public" } } as const;
  const miki = publicHost(20, { site: "dc6", address: { ipv6: "2001:db8:b::20/64", gateway6: "fe80::1" } });
  const found = prove(planOf({ ...SIX_FLEET, sites }, { ...SIX, miki }));
  assert.equal(
    found.map(({ code, severity, hop, relayDown }) => [code, severity, hop, relayDown]),
    [["proof-single-relay", "warning", "bianco", "cosmo"]],
  );
});

planned("a relay that begins its link to a host by itself does not stand in for others, and is no mistake", () => {
  const relay = (address: HostInput["address"]): HostInput =>
    ({ platform: "bareMetal", site: "home6", address, mesh: { relay: true } }) as HostInput;
  const found = prove(
    planWithKeys(
      { ...FLEET, mesh: { ...FLEET.mesh, topology: "hub" } },
      {
        cosmo: publicHost(10),
        first: relay({ ipv4: "192.168.6.4/24", ipv6: "2001:db8:6::4/64" }),
        // Nobody of the house knows a local address of it, and the old machine has IPv4 alone.
        second: relay({ ipv6: "2001:db8:6::6/64" }),
        third: { platform: "contaboVm", site: "home6", address: { ipv4: "192.168.6.7/24" }, mesh: { relay: true } },
        old: { platform: "contaboVm", site: "home6", address: { ipv4: "192.168.6.3/24" } },
      },
    ),
  );
  assert.equal(
    found.map(({ code, severity, from, to, relayDown }) => [code, severity, from, to, relayDown]),
    [
      ["proof-single-relay", "warning", "cosmo", "old", "first"],
      ["proof-single-relay", "warning", "old", "cosmo", "first"],
    ],
  );
});

planned("of two hosts with the same relays, one may be alone in needing one of them towards a third relay", () => {
  const sites = {
    rack: { ipv4: "public", ipv6: "public" },
    house: { ipv4: "cgnat", ipv6: "public" },
  } as const;
  const away = (number: number, platform: "bareMetal" | "contaboVm"): HostInput =>
    ({ platform, site: "house", address: { ipv6: `2001:db8:1::${number}/64` }, mesh: { relay: true } }) as HostInput;
  const plan = planWithKeys(
    { ...FLEET, sites, mesh: { ...FLEET.mesh, relays: [], topology: "hub" } },
    {
      // Of one provider without IPv6: it begins its links to others, and nobody to it.
      mute: away(3, "contaboVm"),
      near: away(4, "bareMetal"),
      other: {
        platform: "bareMetal",
        site: "rack",
        address: { ipv4: "203.0.113.8/24", ipv6: "2001:db8::8/64" },
        mesh: { relay: true },
      },
      known: { platform: "bareMetal", site: "rack", address: { ipv4: "203.0.113.2/24", ipv6: "2001:db8::2/64" } },
      unknown: { platform: "bareMetal", site: "rack" },
    },
  );
  const kinds = ["known", "unknown"].map((host) => plan.clusters.get("cats")?.linkOf(host, "mute"));
  assert.equal(kinds, [{ kind: "direct" }, { kind: "relay", relays: ["other"] }]);
  const errors = prove(plan).filter(({ severity }) => severity === "error");
  assert.equal(
    errors.map(({ message }) => message),
    [],
  );
});

planned("machines of providers without an address yet, or without IPv6, are no mistakes", () => {
  fc.assert(
    fc.property(randomFleets(10), ({ fleet, hosts }) => {
      const rented = Object.entries(hosts).map(([name, host], i): [string, HostInput] => {
        const { site, address = {}, mesh } = host;
        return i % 2 === 0
          ? [name, { platform: "contaboVm", site, address, mesh: { relay: mesh?.relay ?? false } }]
          : [name, host];
      });
      const plan = planWithKeys(withoutStaleAddresses(fleet), Object.fromEntries(rented));
      const cluster = plan.clusters.get("cats");
      // A hub also calls a pair pending that the address will not join.
      const apart = cluster?.cluster.mesh.topology === "hub" ? ["none", "pending"] : ["none"];
      const errors = prove(plan).filter(
        ({ from, to, severity }) => severity === "error" && !apart.includes(cluster?.linkOf(from, to).kind ?? "none"),
      );
      assert.equal(
        errors.map(({ code, message }) => `${code}: ${message}`),
        [],
      );
    }),
    { numRuns: Number(process.env.PROOF_RUNS ?? 200), ...SEED },
  );
});

planned.run();
