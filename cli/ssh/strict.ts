/** ssh, told to believe nothing but the keys that the fleet made. */

/** Everything by which ssh takes a key that is not in the given file, or writes to that file; whatever ssh_config says. */
const STRICT = [
  "StrictHostKeyChecking=yes",
  "GlobalKnownHostsFile=/dev/null",
  "KnownHostsCommand=none",
  "VerifyHostKeyDNS=no",
  "NoHostAuthenticationForLocalhost=no",
  "CheckHostIP=no",
  "UpdateHostKeys=no",
  // A connection that somebody opened less strictly is not shared.
  "ControlPath=none",
] as const;

/** As ssh_config reads a path: tokens begin with a percent sign, and a blank ends it. */
function quotePath(path: string): string {
  return `"${path.replace(/%/g, "%%")}"`;
}

/**
 * ssh takes the first value of an option, so these come before all others.
 * @param knownHosts the file with the only keys that count, absolute
 * @param alias the name that the key is looked up by, whatever the address
 */
export function strictOptions(knownHosts: string, alias: string): string[] {
  return [`UserKnownHostsFile=${quotePath(knownHosts)}`, `HostKeyAlias=${alias}`, ...STRICT].flatMap((option) => [
    "-o",
    option,
  ]);
}
