import type { FleetPlan, HostPlan, SecretPlan } from "../../generators/plan/types.js";
import { printBird } from "../../generators/render/bird.js";
import type { HostViews } from "../../generators/render/types.js";
import { viewAcl } from "../../generators/render/views/daemons/acl.js";
import { viewNames } from "../../generators/render/views/daemons/dns.js";
import { IDENTITY_FILE, secretPath } from "../../generators/render/views/secrets.js";
import type { FileSpec } from "../spec.js";
import { printConsul, printNomad } from "./daemons/settings.js";
import { printUnbound } from "./daemons/unbound.js";
import { treeAt } from "./tree.js";

/** The files of a host: what NixOS has in /etc, and what agenix decrypts into /run. */

/** @param values secrets in the clear, by name */
export function planFiles(
  plan: FleetPlan,
  own: HostPlan,
  views: HostViews,
  values: ReadonlyMap<string, string>,
): FileSpec[] {
  return [
    ...systemFiles(plan, own, views),
    ...daemonFiles(plan, own, views),
    ...aclFiles(plan, own),
    ...secretFiles(plan, own, values),
  ];
}

/**
 * Every account is root: a lab without root has one number of a user alone. `setpriv` of the scripts works all the same, and Nomad gives
 * nobody the folders of its jobs, which fails where that is a number that the user namespace does not have.
 */
const ACCOUNTS = ["root", "consul", "unbound", "bird"];

const SYSTEM_FILES: readonly FileSpec[] = [
  {
    path: "/etc/passwd",
    text: `${ACCOUNTS.map((name) => `${name}:x:0:0::/root:/bin/sh\n`).join("")}nobody:x:0:0::/:/bin/false\n`,
  },
  { path: "/etc/group", text: `${ACCOUNTS.map((name) => `${name}:x:0:\n`).join("")}nogroup:x:0:\n` },
  { path: "/etc/nsswitch.conf", text: "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n" },
];

function systemFiles({ fleet }: FleetPlan, { host }: HostPlan, { network }: HostViews): FileSpec[] {
  const servers = network.nameservers.map((address) => `nameserver ${address}\n`).join("");
  const names = `${host.name}.${fleet.domain} ${host.name}`;
  return [
    ...SYSTEM_FILES,
    { path: "/etc/hostname", text: `${host.name}\n` },
    { path: "/etc/hosts", text: `127.0.0.1 localhost\n::1 localhost\n127.0.0.2 ${names}\n` },
    { path: "/etc/resolv.conf", text: `${servers}search mesh.${fleet.domain}\noptions edns0 trust-ad\n` },
  ];
}

function daemonFiles(plan: FleetPlan, own: HostPlan, views: HostViews): FileSpec[] {
  const names = treeAt(viewNames(plan, own.host.cluster), "services", "unbound");
  return [
    { path: "/etc/unbound/unbound.conf", text: printUnbound(views.dns, names) },
    ...(views.mesh.bird === null ? [] : [{ path: "/etc/bird/bird.conf", text: printBird(views.mesh.bird) }]),
    ...(views.consul === null
      ? []
      : [
          { path: "/etc/consul.json", text: printConsul(views.consul) },
          { path: "/etc/consul.d/dummy.json", text: "{ }" },
          { path: "/etc/consul-addrs.json", text: "{\n}\n" },
        ]),
    ...(views.nomad === null ? [] : [{ path: "/etc/nomad.json", text: printNomad(views.nomad) }]),
  ];
}

function aclOf(plan: FleetPlan, own: HostPlan) {
  return own.consul?.installs === true ? (plan.clusters.get(own.host.cluster)?.acl ?? null) : null;
}

function aclFiles(plan: FleetPlan, own: HostPlan): FileSpec[] {
  const acl = aclOf(plan, own);
  return acl === null
    ? []
    : [{ path: "/etc/meshflake/consul.json", text: `${JSON.stringify(viewAcl(acl, "").config, null, 2)}\n` }];
}

function secretFiles(plan: FleetPlan, own: HostPlan, values: ReadonlyMap<string, string>): FileSpec[] {
  const identity = values.get(`${own.host.name}/identity`);
  const toFile = ({ name, secret, mode }: SecretPlan): FileSpec[] => {
    const text = values.get(secret);
    return text === undefined ? [] : [{ path: secretPath(name), text, mode: Number.parseInt(mode, 8) }];
  };
  return [
    ...[...own.secrets, ...(aclOf(plan, own)?.tokens ?? [])].flatMap(toFile),
    ...(identity === undefined ? [] : [{ path: IDENTITY_FILE, text: identity, mode: 0o400 }]),
  ];
}
