import type { Fleet } from "../model/fleet.js";
import type { SecretPlan } from "./types.js";

/** The folder of a host's encrypted files, relative to the repository. */
export function secretsFolder(fleet: Pick<Fleet, "environment">, host: string): string {
  return fleet.environment === null ? `secrets/${host}` : `secrets/environments/${fleet.environment}/${host}`;
}

/** What a host decrypts when it starts. networkd reads the WireGuard key, so it belongs to networkd's account. */
export function planSecrets(fleet: Pick<Fleet, "environment">, host: string): SecretPlan[] {
  return [{ name: "wireguard", file: `${secretsFolder(fleet, host)}/wireguard.age`, owner: "systemd-network" }];
}
