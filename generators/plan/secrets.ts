import type { Fleet, Host } from "../model/fleet.js";
import type { SecretPlan } from "./types.js";

/** The folder of a host's encrypted files, relative to the repository. */
export function secretsFolder(fleet: Pick<Fleet, "environment">, host: string): string {
  return fleet.environment === null ? `secrets/${host}` : `secrets/environments/${fleet.environment}/${host}`;
}

/**
 * What a host decrypts when it starts. Each belongs to the account that reads it: the WireGuard key to networkd's, Consul's
 * gossip key and tokens to Consul's. Only the WireGuard key is made by `generate` so far.
 */
export function planSecrets(fleet: Pick<Fleet, "environment">, { name, consul, nomad }: Host): SecretPlan[] {
  return [
    { name: "wireguard", file: `${secretsFolder(fleet, name)}/wireguard.age`, owner: "systemd-network" },
    ...(consul === null ? [] : [{ name: "consul.json", file: null, owner: "consul" }]),
    ...(nomad === null ? [] : [{ name: "nomad.json", file: null, owner: "root" }]),
  ];
}
