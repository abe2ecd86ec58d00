import type { NixTree } from "../../model/input.js";
import type { HostPlan, SecretPlan } from "../../plan/types.js";
import { printPath } from "../nix/nix-text.js";

/** The host's age identity: the only secret that travels to a host by itself. */
export const IDENTITY_FILE = "/etc/meshflake/identity";

/** The file that agenix decrypts a secret into. */
export function secretPath(name: string): string {
  return `/run/agenix/${name}`;
}

/** `age.secrets`: agenix's defaults are left out. @param up the path from the module's folder to the repository */
export function viewAgeSecrets(secrets: readonly SecretPlan[], up: string): NixTree {
  const entries = secrets.map(({ name, file, owner, group, mode }) => [
    name,
    {
      file: { $nix: printPath(up, file) },
      ...(owner !== "root" && { owner }),
      ...(group !== "root" && { group }),
      ...(mode !== "0400" && { mode }),
    },
  ]);
  return Object.fromEntries(entries) as NixTree;
}

/** Services wait for their secrets, and start again with new ones: systemd knows that one has changed by its encrypted file. */
function viewServices(secrets: readonly SecretPlan[], up: string): NixTree {
  const needs = new Map<string, SecretPlan[]>();
  for (const secret of secrets) {
    for (const unit of secret.restart.map((name) => name.replace(/\.service$/, ""))) {
      needs.set(unit, [...(needs.get(unit) ?? []), secret]);
    }
  }
  if (needs.size === 0) return {};
  const services = [...needs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([unit, needed]) => [
      unit,
      {
        unitConfig: { ConditionPathExists: needed.map(({ name }) => secretPath(name)) },
        restartTriggers: needed.map(({ file }) => ({ $nix: printPath(up, file) })),
      },
    ]);
  return { systemd: { services: Object.fromEntries(services) as NixTree } };
}

/**
 * agenix's part: option tree from the root.
 * @param up the path from the host's folder to the repository, e.g. `../../..`
 */
export function viewSecrets({ secrets }: HostPlan, up: string): NixTree {
  return {
    age: { identityPaths: [IDENTITY_FILE], secrets: viewAgeSecrets(secrets, up) },
    ...viewServices(secrets, up),
  };
}
