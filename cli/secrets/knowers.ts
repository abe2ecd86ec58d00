import type { SecretSpec } from "../../generators/model/secrets.js";

const HOST = "host ";

/**
 * Who knows a value and must not, in words. A host that is still to read it got another identity: whoever has the earlier one is
 * meant, and not the host.
 * @param who as the lock notes it: `host pi9`, `admin nico`
 * @param spec the secret; missing where it is gone
 */
export function describeKnower(who: string, spec: Pick<SecretSpec, "readers"> | undefined): string {
  const host = who.startsWith(HOST) ? who.slice(HOST.length) : "";
  return spec?.readers.includes(host) === true ? `whoever has ${host}'s earlier identity` : who;
}
