import type { Fleet, Host } from "../model/fleet.js";
import { keyFile } from "../model/secret-files.js";
import type { SecretPlan } from "./types.js";

/**
 * What a host decrypts when it starts. Each belongs to the account that reads it: the WireGuard key to networkd's, Consul's
 * gossip key and tokens to Consul's. Only the WireGuard key is made by `generate` so far.
 */
export function planSecrets({ environment }: Pick<Fleet, "environment">, { name, consul, nomad }: Host): SecretPlan[] {
  return [
    { name: "wireguard", file: keyFile(environment, name, "wireguard"), owner: "systemd-network" },
    ...(consul === null ? [] : [{ name: "consul.json", file: null, owner: "consul" }]),
    ...(nomad === null ? [] : [{ name: "nomad.json", file: null, owner: "root" }]),
  ];
}
