import type { NixTree } from "../../../model/input.js";
import type { AclHost, AclPlan } from "../../../plan/types.js";
import { viewAgeSecrets } from "../secrets.js";

/** What Consul's servers install for their hosts: data for `modules/services/consul-setup.nix`. */

function viewHost({ name, consulToken, services, nomad, recipient }: AclHost): NixTree {
  const roles = nomad === null ? [] : [...(nomad.server ? ["server"] : []), ...(nomad.client ? ["client"] : [])];
  return {
    name,
    token: consulToken,
    services: [...services],
    ...(nomad !== null && { nomad: { token: nomad.token, roles } }),
    ...(recipient !== null && { recipient }),
  };
}

/**
 * What the servers of a cluster share.
 * @param up the path from the tree's folder to the repository, e.g. `../..`
 * @returns the data, and an option tree from the root with the tokens' files
 */
export function viewAcl(
  { hosts, tokens, revoked }: AclPlan,
  up: string,
): { readonly config: NixTree; readonly tokens: NixTree } {
  return {
    config: { hosts: hosts.map(viewHost), revoked: [...revoked] },
    tokens: { age: { secrets: viewAgeSecrets(tokens, up) } },
  };
}
