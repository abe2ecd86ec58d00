import type { NixTree, NixValue } from "../../../generators/model/input.js";
import { isTree, mergeTrees, treeAt } from "../tree.js";

/** Unbound: `services.unbound.settings` as unbound.conf, as nixpkgs' module prints it. */

const STATE_FOLDER = "/var/lib/unbound";

/** Where the lab writes the certificate of its own authority. */
export const CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt";

/** What nixpkgs' module sets, whatever the fleet says. No trust anchors: the lab's root zone is its own. */
const DEFAULTS: NixTree = {
  server: {
    directory: STATE_FOLDER,
    username: '""',
    chroot: '""',
    pidfile: '""',
    "do-daemonize": false,
    "tls-cert-bundle": CA_BUNDLE,
  },
  "remote-control": {
    "control-enable": false,
    "control-interface": ["127.0.0.1", "::1"],
    "server-key-file": `${STATE_FOLDER}/unbound_server.key`,
    "server-cert-file": `${STATE_FOLDER}/unbound_server.pem`,
    "control-key-file": `${STATE_FOLDER}/unbound_control.key`,
    "control-cert-file": `${STATE_FOLDER}/unbound_control.pem`,
  },
};

/**
 * The text of unbound.conf.
 * @param definitions values of `services.unbound`, as several files of a host give them
 */
export function printUnbound(...definitions: readonly NixTree[]): string {
  const settings = definitions.map((one) => treeAt(one, "settings")).reduce(mergeTrees, DEFAULTS);
  const { server = {}, ...others } = settings;
  return [...printSetting("", "server", server), ...printTree("", others)].map((line) => `${line}\n`).join("");
}

function printTree(indent: string, tree: NixTree): string[] {
  return Object.keys(tree)
    .sort()
    .flatMap((name) => printSetting(indent, name, tree[name]));
}

/** A list is the same setting several times. */
function printSetting(indent: string, name: string, value: NixValue | undefined): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => printSetting(indent, name, one));
  if (isTree(value)) return [`${indent}${name}:`, ...printTree(`${indent}  `, value)];
  if (typeof value === "boolean") return [`${indent}${name}: ${value ? "yes" : "no"}`];
  if (typeof value === "string" || typeof value === "number") return [`${indent}${name}: ${value}`];
  throw new TypeError(`Unbound's ${name} has no value`);
}
