import type { MeshInput, SharedSecretInput } from "../../../model/input.js";
import type { ValuePath } from "../../../model/problem.js";
import type { Finding, Rule, RuleContext } from "../../rule.js";
import { clusterNames, eachHost, listNames, quote, suggestOr } from "../support.js";

/** Names that one file says of another. */

function* checkSites(context: RuleContext): Iterable<Finding> {
  const { inputs } = context;
  const known = Object.keys(inputs.fleet.value.sites);
  const sites = new Set(known);
  for (const [name, { site }] of eachHost(context)) {
    if (sites.has(site)) continue;
    const hint = suggestOr(site, known, `add the site to ${inputs.fleet.file}`);
    yield { at: inputs.originsOf(name, ["site"]), message: `${quote(site)} is no site of this fleet`, hint };
  }
}

export const unknownSite: Rule = {
  code: "unknown-site",
  severity: "error",
  title: "Every host's site exists",
  why: "The site says how a host reaches the internet, and with it which hosts can be linked. An editor rejects a misspelt site already; this rule finds it in JSON and JavaScript files too.",
  needs: "fleet",
  check: checkSites,
};

function* checkClusters(context: RuleContext): Iterable<Finding> {
  const { inputs } = context;
  const known = clusterNames(context);
  const clusters = new Set(known);
  const otherwise = `add the cluster to ${inputs.fleet.file}`;
  for (const [name, { cluster }] of eachHost(context)) {
    if (cluster === undefined && known.length > 1) {
      const message = `the fleet has ${known.length} clusters, and this host says none`;
      yield { at: inputs.originsOf(name, []), message, hint: `set cluster to one of ${listNames(known)}` };
    } else if (cluster !== undefined && !clusters.has(cluster)) {
      const hint = suggestOr(cluster, known, otherwise);
      yield { at: inputs.originsOf(name, ["cluster"]), message: `${quote(cluster)} is no cluster of this fleet`, hint };
    }
  }
  for (const [name, { cluster }] of Object.entries(inputs.fleet.value.devices ?? {})) {
    if (cluster === undefined && known.length > 1) {
      const message = `the fleet has ${known.length} clusters, and this device says none`;
      yield {
        at: inputs.fleetOriginsOf(["devices", name]),
        message,
        hint: `set cluster to one of ${listNames(known)}`,
      };
    } else if (cluster !== undefined && !clusters.has(cluster)) {
      const at = inputs.fleetOriginsOf(["devices", name, "cluster"]);
      const hint = suggestOr(cluster, known, otherwise);
      yield { at, message: `${quote(cluster)} is no cluster of this fleet`, hint };
    }
  }
}

export const unknownCluster: Rule = {
  code: "unknown-cluster",
  severity: "error",
  title: "Every host and device belongs to a cluster that exists",
  why: "A cluster owns the mesh, the Consul datacenter and the Nomad region that a host joins. It may be left out where the fleet has a single one; with several, a guess could join a machine to the wrong mesh.",
  needs: "fleet",
  check: checkClusters,
};

/** Each list of relays that the fleet file holds, with the cluster that it belongs to (null: all of them). */
function* relayLists({ inputs }: RuleContext): Iterable<{ path: ValuePath; cluster: string | null; names: string[] }> {
  const list = (mesh: Partial<MeshInput> | undefined) => mesh?.relays ?? [];
  yield { path: ["mesh", "relays"], cluster: null, names: list(inputs.fleet.value.mesh) };
  for (const [cluster, { mesh }] of Object.entries(inputs.fleet.value.clusters ?? {})) {
    yield { path: ["clusters", cluster, "mesh", "relays"], cluster, names: list(mesh) };
  }
}

function* checkRelays(context: RuleContext): Iterable<Finding> {
  const { inputs, fleet } = context;
  for (const { path, cluster, names } of relayLists(context)) {
    for (const [index, name] of names.entries()) {
      const at = inputs.fleetOriginsOf([...path, index]);
      const host = fleet.hosts.get(name);
      if (inputs.environment?.value.hosts?.[name] === false) {
        const message = `the relay ${quote(name)} is left out of this environment`;
        yield { at, message, hint: "keep the host, or set mesh.relays in the environment" };
      } else if (!inputs.hostNames.has(name)) {
        const hint = suggestOr(name, [...inputs.hostNames], "add a host file of that name");
        yield { at, message: `the relay ${quote(name)} is no host of this fleet`, hint };
      } else if (cluster !== null && host !== undefined && host.cluster !== cluster) {
        const message = `the relay ${quote(name)} belongs to the cluster ${host.cluster}`;
        yield { at, message, hint: `choose a host of the cluster ${cluster}: clusters share no mesh` };
      }
    }
  }
}

export const unknownRelay: Rule = {
  code: "unknown-relay",
  severity: "error",
  title: "Every relay is a host of the cluster",
  why: "A relay carries the traffic of hosts that cannot reach each other. One that does not exist leaves them without a path; one of another cluster is not in their mesh.",
  needs: "fleet",
  check: checkRelays,
};

function* repeated(list: readonly (string | number)[] | undefined): Iterable<readonly [number, string]> {
  if (list === undefined || list.length < 2) return;
  const seen = new Set<string | number>();
  for (const [index, value] of list.entries()) {
    if (seen.has(value)) yield [index, typeof value === "string" ? quote(value) : String(value)];
    seen.add(value);
  }
}

type List = readonly (string | number)[] | undefined;

function secretLists(path: ValuePath, secrets: Readonly<Record<string, SharedSecretInput>> = {}): [ValuePath, List][] {
  return Object.entries(secrets).flatMap(([name, { restart, hosts }]): [ValuePath, List][] => [
    [[...path, name, "restart"], restart],
    [[...path, name, "hosts"], hosts],
  ]);
}

function* checkDuplicates(context: RuleContext): Iterable<Finding> {
  const { inputs } = context;
  const hint = "remove one of them";
  for (const { path, names } of relayLists(context)) {
    for (const [index, text] of repeated(names)) {
      yield { at: inputs.fleetOriginsOf([...path, index]), message: `the relay ${text} is listed twice`, hint };
    }
  }
  const { secrets, clusters = {} } = inputs.fleet.value;
  const shared = Object.entries(clusters).flatMap(([name, own]) =>
    secretLists(["clusters", name, "secrets"], own.secrets),
  );
  for (const [path, list] of [...secretLists(["secrets"], secrets), ...shared]) {
    for (const [index, text] of repeated(list)) {
      yield { at: inputs.fleetOriginsOf([...path, index]), message: `${text} is listed twice`, hint };
    }
  }
  for (const [name, host] of eachHost(context)) {
    const lists: [ValuePath, List][] = [
      [["tags"], host.tags],
      [["imports"], host.imports],
      [["sshKeys"], host.sshKeys],
      [["firewall", "tcp"], host.firewall?.tcp],
      [["firewall", "udp"], host.firewall?.udp],
      [["firewall", "mesh", "tcp"], host.firewall?.mesh?.tcp],
      [["firewall", "mesh", "udp"], host.firewall?.mesh?.udp],
      [["firewall", "lan", "tcp"], host.firewall?.lan?.tcp],
      [["firewall", "lan", "udp"], host.firewall?.lan?.udp],
      [["address", "dns"], host.address?.dns],
      [["dns", "blocklists"], host.dns?.blocklists],
      [["nomad", "drivers"], host.nomad ? host.nomad.drivers : undefined],
      ...secretLists(["secrets"], host.secrets),
    ];
    for (const [path, list] of lists) {
      for (const [index, text] of repeated(list)) {
        yield { at: inputs.originsOf(name, [...path, index]), message: `${text} is listed twice`, hint };
      }
    }
  }
}

export const listedTwice: Rule = {
  code: "listed-twice",
  severity: "error",
  title: "No list names the same thing twice",
  why: "A relay, port, driver, tag or file that is listed twice is nearly always a copy whose second half was not changed, so something that was meant is missing.",
  needs: "fleet",
  check: checkDuplicates,
};

function* checkEmptyClusters(context: RuleContext): Iterable<Finding> {
  const { inputs } = context;
  // Only the files matter here: a host of an unknown cluster is no host of any.
  if (inputs.hosts.size < inputs.hostNames.size) return;
  const known = clusterNames(context);
  const only = known.length === 1 ? known[0] : undefined;
  const used = new Set(Array.from(eachHost(context), ([, { cluster }]) => cluster ?? only));
  const others = known.filter((name) => used.has(name));
  for (const name of Object.keys(inputs.fleet.value.clusters ?? {})) {
    if (used.has(name)) continue;
    const hint = suggestOr(name, others, "remove it until it has a host");
    yield { at: inputs.fleetOriginsOf(["clusters", name]), message: `the cluster ${name} has no host`, hint };
  }
}

export const clusterEmpty: Rule = {
  code: "cluster-empty",
  severity: "warning",
  title: "Every cluster has a host",
  why: "A cluster that nobody belongs to is nearly always a misspelt name: in the fleet file, or in an environment that meant to change another cluster's mesh.",
  needs: "fleet",
  check: checkEmptyClusters,
};
