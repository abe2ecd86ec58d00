import { isPair, lockedSecretOf, type SecretSpec } from "../../../generators/model/secrets.js";
import { findVoters } from "../../../generators/plan/quorum.js";
import { joinNames } from "../../terminal/words.js";
import type { Secrets } from "../session.js";
import { deployStep, envOf, generateStep } from "../steps.js";
import { listPeers, orderForMesh } from "./mesh-order.js";
import type { Rotated } from "./rotate.js";
import { type Selection, takesTwoSteps } from "./select.js";

/** What has to follow a rotation, in order. */

/** More names than this make a line that nobody reads. */
const NAMES_SHOWN = 4;

/** After the new values were made. @param after with the lock that was written */
export function stepsAfterRotate(after: Secrets, { specs, moved }: Rotated, { own, lost }: Selection): string[] {
  const env = envOf(after);
  const renewed = specs.filter(({ kind }) => kind === "identity").map(({ of }) => of);
  const hosts = listReaders(after, [...specs, ...moved]).filter((host) => host !== lost);
  return [
    ...own.map(({ name }) => `meshflake secrets set ${name}${env}, with a new value`),
    ...(specs.length + own.length === 0 ? [] : [generateStep(after)]),
    ...renewed
      .filter((host) => host !== lost)
      .map(
        (host) =>
          `meshflake identity ${host} --tar${env} | meshflake ssh ${host}${env} -- ${sudo(after)}tar -C / -xpf -, which puts old and new identity on it: what is deployed next is encrypted to the new one`,
      ),
    ...(hosts.length > 0 ? [orderedStep(after, hosts, listRekeyed(specs, lost))] : []),
    ...(lost !== null
      ? [`install ${lost} anew with its new identity (meshflake identity ${lost}${env}), or remove its file`]
      : []),
    ...finishSteps(after, specs, lost),
  ];
}

function finishSteps(after: Secrets, specs: readonly SecretSpec[], lost: string | null): string[] {
  const two = specs.filter((spec) => takesTwoSteps(spec, lost));
  if (two.length === 0) return [];
  const rotating = [...after.specs.values()].filter((spec) => lockedSecretOf(after.lock, spec)?.retiring !== undefined);
  const all = rotating.length === two.length && two.length > NAMES_SHOWN;
  const names = all ? "" : ` ${two.map(({ name }) => name).join(" ")}`;
  return [
    ...two.flatMap((spec) => seeSteps(after, spec)),
    `once all of them run that: meshflake secrets rotate${names} --finish${envOf(after)}`,
    ...stepsAfterFinish(after, two),
  ];
}

/** Serf tells how many agents use a key. Nomad's command takes its token from no file. */
function seeSteps(after: Secrets, { kind, of }: SecretSpec): string[] {
  const cluster = kind === "consul-gossip" ? after.fleet.clusters.get(of) : undefined;
  const [server] = cluster === undefined ? [] : findVoters(after.fleet, cluster).consul;
  if (server === undefined) return [];
  const consul = "env CONSUL_HTTP_TOKEN_FILE=/run/agenix/consul-management consul keyring -list-primary";
  return [
    `see that all agents of ${of} use the new key: meshflake ssh ${server}${envOf(after)} -- ${sudo(after)}${consul}`,
  ];
}

function sudo({ fleet }: Secrets): string {
  return fleet.deploy.user === "root" ? "" : "sudo ";
}

/** After the old values were dropped. */
export function stepsAfterFinish(after: Secrets, finished: readonly SecretSpec[]): string[] {
  // An old host key is in known_hosts alone, which no host reads.
  const specs = finished.filter(({ kind }) => kind !== "ssh");
  if (specs.length === 0) return [generateStep(after)];
  // Tokens are deleted by servers; the hosts that use them have nothing to change.
  const gossip = specs.filter(({ kind }) => kind === "consul-gossip" || kind === "nomad-gossip");
  const servers = specs.length > gossip.length ? listServers(after) : new Set<string>();
  const hosts = [...new Set([...servers, ...serversFirst(after, listReaders(after, gossip))])];
  return [generateStep(after), deployStep(after, hosts)];
}

function listServers({ fleet }: Secrets): ReadonlySet<string> {
  const voters = [...fleet.clusters.values()].map((cluster) => findVoters(fleet, cluster));
  return new Set(voters.flatMap(({ consul, nomad }) => [...consul, ...nomad]).sort());
}

/** Hosts whose files or modules change. A WireGuard key is known to the host's peers. */
function listReaders({ target }: Secrets, specs: readonly SecretSpec[]): readonly string[] {
  const hosts = new Set<string>();
  for (const { kind, of, readers } of specs) {
    for (const host of kind === "wireguard" ? listPeers(target.plan, of) : readers) hosts.add(host);
    if (isPair(kind)) hosts.add(of);
  }
  return [...hosts].sort();
}

/** Servers install tokens and keys before others use them. */
function serversFirst(secrets: Secrets, hosts: readonly string[]): string[] {
  const servers = listServers(secrets);
  return [...hosts.filter((host) => servers.has(host)), ...hosts.filter((host) => !servers.has(host))];
}

/** Hosts that get a new WireGuard key. */
function listRekeyed(specs: readonly SecretSpec[], lost: string | null): readonly string[] {
  return specs.filter(({ kind, of }) => kind === "wireguard" && of !== lost).map(({ of }) => of);
}

/** @param rekeyed those of the hosts that get a new WireGuard key */
function orderedStep(after: Secrets, hosts: readonly string[], rekeyed: readonly string[]): string {
  const servers = serversFirst(after, hosts);
  if (rekeyed.length === 0) return deployStep(after, servers);
  const many = rekeyed.length > NAMES_SHOWN;
  const who = many ? "each host with a new WireGuard key" : joinNames(rekeyed);
  const leaves = many || rekeyed.length === 1 ? "leaves" : "leave";
  const step = deployStep(after, orderForMesh(after.target.plan, servers, new Set(rekeyed)));
  return `${step}, in this order: ${who} ${leaves} the mesh when deployed, until the peers are deployed as well`;
}
