import type { Fleet } from "../../generators/model/fleet.js";
import type { FleetInput, HostInput } from "../../generators/model/input.js";
import type { FleetInputs } from "../../generators/model/inputs.js";
import { EMPTY_LOCK, type Lock } from "../../generators/model/lock.js";
import { planFleet } from "../../generators/plan/plan.js";
import type { FleetPlan } from "../../generators/plan/types.js";
import { resolveFleet } from "../../generators/validate/resolve.js";

/** Fleets for tests, made of plain inputs instead of files. */

export const FLEET: FleetInput = {
  name: "cats",
  domain: "cats.example.org",
  admins: { nico: { sshKeys: [], age: [] } },
  sites: {
    dc: { ipv4: "public", ipv6: "public" },
    dc4: { ipv4: "public", ipv6: "none" },
    home6: { ipv4: "cgnat", ipv6: "public" },
    cgnat: { ipv4: "cgnat", ipv6: "none" },
    nat: { ipv4: "nat", ipv6: "firewalled", lan: "192.168.1.0/24" },
  },
  mesh: { ipv4: "10.10.0.0/16", port: 55820, relays: [] },
};

export function inputsOf(
  fleet: FleetInput,
  hosts: Readonly<Record<string, HostInput>>,
  lock: Lock = EMPTY_LOCK,
): FleetInputs {
  return {
    root: "/nowhere",
    environment: null,
    production: null,
    fleet: { name: "fleet", file: "hosts/fleet.ts", value: fleet },
    hosts: new Map(Object.entries(hosts).map(([name, value]) => [name, { name, file: `hosts/${name}.ts`, value }])),
    hostNames: new Set(Object.keys(hosts)),
    lock,
    lockFile: "hosts/fleet.lock.json",
    originsOf: (host, path) => [{ file: `hosts/${host}.ts`, path }],
    fleetOriginsOf: (path) => [{ file: "hosts/fleet.ts", path }],
  };
}

export function fleetOf(fleet: FleetInput, hosts: Readonly<Record<string, HostInput>>, lock?: Lock): Fleet {
  return resolveFleet(inputsOf(fleet, hosts, lock));
}

export function planOf(
  fleet: FleetInput,
  hosts: Readonly<Record<string, HostInput>>,
  lock: Lock = EMPTY_LOCK,
): FleetPlan {
  return planFleet(fleetOf(fleet, hosts, lock), lock);
}

/** A machine in a data centre, with the addresses that follow from a number. */
export function publicHost(number: number, more: Partial<HostInput> = {}): HostInput {
  return {
    platform: "contaboVm",
    site: "dc",
    address: {
      ipv4: `203.0.113.${number}/24`,
      gateway4: "203.0.113.1",
      ipv6: `2001:db8:a::${number}/64`,
      gateway6: "fe80::1",
    },
    ...more,
  } as HostInput;
}

/** A Pi at a site, numbered by DHCP. */
export function pi(site: string, more: Partial<HostInput> = {}): HostInput {
  return { platform: "raspberryPi", model: 4, site, ...more } as HostInput;
}

/** A fleet of six hosts at every kind of uplink, with two relays. */
export const SIX: Readonly<Record<string, HostInput>> = {
  cosmo: publicHost(10, { nomad: { server: true }, consul: { server: true } }),
  maco: publicHost(11, { nomad: { server: true }, consul: { server: true } }),
  miki: publicHost(20, { nomad: { server: true }, consul: { server: true } }),
  bianco: pi("cgnat"),
  ari: pi("home6", { address: { ipv6: "2001:db8:c::31/64" } }),
  ziggy: pi("home6", { address: { ipv6: "2001:db8:c::32/64" } }),
};

export const SIX_FLEET: FleetInput = { ...FLEET, mesh: { ...FLEET.mesh, relays: ["cosmo", "miki"] } };
