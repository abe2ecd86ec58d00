import { ENVIRONMENTS } from "../../../model/secrets.js";
import type { Finding, Rule, RuleContext } from "../../rule.js";
import { atCluster, clusterNames, eachHost, quote } from "../support.js";

/** Names of hosts, sites, clusters, devices and domains. */

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const LABEL_HINT = "use lower-case letters, digits and hyphens, at most 63, with a letter or digit at both ends";

/** Host names that mean something else, and what. */
const RESERVED: ReadonlyMap<string, string> = new Map([
  ["consul", "it is Consul's DNS zone"],
  ["default", "modules/hosts/default.nix is the index of all hosts"],
  ["environments", "hosts/environments holds the environments"],
  ["fleet", "hosts/fleet is the fleet itself"],
  ["localhost", "it means the machine that asks, everywhere"],
  ["mesh", "it is the zone of mesh names"],
  ["names", "the generated list of host names is called so"],
]);

/** What is wrong with a DNS label (RFC 1123), or null. */
export function labelFault(label: string): string | null {
  if (LABEL.test(label)) return null;
  if (label.length > 63) return `${quote(label)} has ${label.length} characters, and a DNS label at most 63`;
  return label === label.toLowerCase()
    ? `${quote(label)} is not a DNS label (RFC 1123)`
    : `${quote(label)} has upper-case letters`;
}

/** Whether `text` is a DNS name of lower-case labels; `underscore` allows service labels such as `_sip`. */
export function isDnsName(text: string, underscore = false): boolean {
  if (text.length > 253) return false;
  return text.split(".").every((label) => LABEL.test(underscore ? label.replace(/^_/, "") : label));
}

function* checkHostNames({ inputs }: RuleContext): Iterable<Finding> {
  for (const name of inputs.hosts.keys()) {
    const at = inputs.originsOf(name, []);
    const reason = RESERVED.get(name);
    const fault = labelFault(name);
    if (fault !== null) {
      yield { at, message: `the host name ${fault}`, hint: `rename the file: ${LABEL_HINT}` };
    } else if (reason !== undefined) {
      yield { at, message: `the host name ${quote(name)} is reserved: ${reason}`, hint: "rename the file" };
    } else if (/^[0-9]+$/.test(name)) {
      const message = `the host name ${quote(name)} has digits only, which resolvers read as an address`;
      yield { at, message, hint: "rename the file, with at least one letter" };
    }
  }
}

export const hostName: Rule = {
  code: "host-name",
  severity: "error",
  title: "A host's name is a DNS label, and not reserved",
  why: "The file's name is the host's name: `networking.hostName`, a DNS label below the fleet's domain, a Consul node and a Nomad client. RFC 1123 allows 63 letters, digits and hyphens; case makes two names of one in DNS, so only lower case is allowed. Some names are taken by what meshflake itself writes.",
  needs: "fleet",
  check: checkHostNames,
};

function* checkFleetNames({ inputs }: RuleContext): Iterable<Finding> {
  const { name, sites, clusters = {}, devices = {} } = inputs.fleet.value;
  const fault = labelFault(name);
  if (fault !== null) {
    yield { at: inputs.fleetOriginsOf(["name"]), message: `the fleet's name ${fault}`, hint: LABEL_HINT };
  }
  for (const [kind, record] of Object.entries({ sites, clusters, devices })) {
    for (const key of Object.keys(record)) {
      const found = labelFault(key);
      if (found === null) continue;
      const message = `the ${kind.slice(0, -1)}'s name ${found}`;
      yield { at: inputs.fleetOriginsOf([kind, key]), message, hint: LABEL_HINT };
    }
  }
  const environment = inputs.environment;
  const wrong = environment === null ? null : labelFault(environment.name);
  if (environment !== null && wrong !== null) {
    const at = [{ file: environment.file, path: [] }];
    yield { at, message: `the environment's name ${wrong}`, hint: `rename the file: ${LABEL_HINT}` };
  }
}

export const fleetName: Rule = {
  code: "fleet-name",
  severity: "error",
  title: "Names of the fleet, its sites, clusters, devices and environments are DNS labels",
  why: "A cluster's name becomes Consul's datacenter and Nomad's region, a site's name Nomad's datacenter, a device's name a DNS record, an environment's name a prefix of its systems. All of them end up in DNS names, where only RFC 1123 labels work.",
  needs: "fleet",
  check: checkFleetNames,
};

function* checkDomain({ inputs }: RuleContext): Iterable<Finding> {
  const at = inputs.fleetOriginsOf(["domain"]);
  const { domain } = inputs.fleet.value;
  const last = domain.slice(domain.lastIndexOf(".") + 1);
  if (!isDnsName(domain)) {
    const message = `${quote(domain)} is not a domain name`;
    yield { at, message, hint: "write lower-case labels with dots between them, such as cats.example.org" };
  } else if (last === "consul" || last === "localhost") {
    const message = `${quote(domain)} lies in ${last}, a zone that never leaves the machine`;
    yield { at, message, hint: "use a domain of your own, or one below home.arpa" };
  }
}

export const domainName: Rule = {
  code: "domain-name",
  severity: "error",
  title: "The domain is a DNS name that Unbound may serve",
  why: "Unbound answers `<host>.<domain>` and `<host>.mesh.<domain>` on every host. Inside `consul` those names would be sent to Consul, inside `localhost` nowhere.",
  needs: "fleet",
  check: checkDomain,
};

function* checkLocalDomain({ inputs }: RuleContext): Iterable<Finding> {
  const { domain } = inputs.fleet.value;
  if (domain !== "local" && !domain.endsWith(".local")) return;
  const message = `${quote(domain)} lies in local, which belongs to multicast DNS (RFC 6762)`;
  const hint = "use a domain of your own, or one below home.arpa";
  yield { at: inputs.fleetOriginsOf(["domain"]), message, hint };
}

export const domainLocal: Rule = {
  code: "domain-local",
  severity: "warning",
  title: "The domain does not lie in local",
  why: "Names below `local` are looked up by multicast (RFC 6762): many systems never ask a DNS server for them, so they resolve on some machines of a network and not on others.",
  needs: "fleet",
  check: checkLocalDomain,
};

function* checkNamesTwice(context: RuleContext): Iterable<Finding> {
  const { inputs } = context;
  for (const cluster of clusterNames(context)) {
    if (cluster === ENVIRONMENTS) {
      const message = `the cluster has the name of secrets/${ENVIRONMENTS}, the folder of environments' secrets`;
      yield { at: atCluster(context, cluster), message, hint: "rename the cluster" };
    } else if (inputs.hostNames.has(cluster)) {
      const message = `the host ${cluster} has the name of a cluster, and both would have their secrets in secrets/${cluster}`;
      yield { at: inputs.originsOf(cluster, []), message, hint: "rename the host's file, or the cluster" };
    }
  }
  for (const device of Object.keys(inputs.fleet.value.devices ?? {})) {
    if (!inputs.hostNames.has(device)) continue;
    const at = inputs.fleetOriginsOf(["devices", device]);
    yield { at, message: `the device ${device} has a host's name`, hint: "rename the device or the host" };
  }
  const environment = inputs.environment;
  if (environment === null) return;
  for (const name of inputs.hosts.keys()) {
    const system = `${environment.name}-${name}`;
    if (!inputs.hostNames.has(system)) continue;
    const message = `the system ${system} of this environment has the name of the host ${system}`;
    yield { at: [{ file: environment.file, path: [] }], message, hint: "rename the environment or that host" };
  }
}

export const nameTwice: Rule = {
  code: "name-twice",
  severity: "error",
  title: "No two things that share a namespace have one name",
  why: "Hosts and devices share the mesh's DNS zone, so one name would have two addresses. The flake names an environment's systems `<environment>-<host>`, beside the hosts themselves. Hosts and clusters have a folder each in `secrets/`.",
  needs: "fleet",
  check: checkNamesTwice,
};

/** Consul refuses other characters in a datacenter's name; Nomad's regions and datacenters end up in DNS names and URLs. */
const DATACENTER = /^[a-z0-9][a-z0-9_-]{0,62}$/;
/** Nomad's own check (`ValidateNodePoolName`). */
const NODE_POOL = /^[A-Za-z0-9_-]{1,128}$/;

function* checkDatacenters(context: RuleContext): Iterable<Finding> {
  const { inputs } = context;
  const { consul, nomad, clusters = {} } = inputs.fleet.value;
  const scopes = [{ path: [] as string[], consul, nomad }];
  for (const [name, cluster] of Object.entries(clusters)) {
    scopes.push({ path: ["clusters", name], consul: cluster.consul, nomad: cluster.nomad });
  }
  const hint = "use lower-case letters, digits, hyphens and underscores, at most 63";
  for (const scope of scopes) {
    const values = [
      { path: ["consul", "datacenter"], text: scope.consul?.datacenter },
      { path: ["nomad", "region"], text: scope.nomad?.region },
      { path: ["nomad", "datacenter"], text: scope.nomad?.datacenter },
    ];
    for (const { path, text } of values) {
      if (text === undefined || DATACENTER.test(text)) continue;
      const message = `${quote(text)} cannot be the name of a ${path[1]}`;
      yield { at: inputs.fleetOriginsOf([...scope.path, ...path]), message, hint };
    }
  }
  for (const [name, { nomad: own }] of eachHost(context)) {
    if (!own) continue;
    if (own.datacenter !== undefined && !DATACENTER.test(own.datacenter)) {
      const message = `${quote(own.datacenter)} cannot be the name of a datacenter`;
      yield { at: inputs.originsOf(name, ["nomad", "datacenter"]), message, hint };
    }
    if (own.nodePool === undefined || (NODE_POOL.test(own.nodePool) && own.nodePool !== "all")) continue;
    const message =
      own.nodePool === "all"
        ? "a host cannot join the node pool all"
        : `${quote(own.nodePool)} cannot name a node pool`;
    const poolHint = "name a pool of your own with letters, digits, hyphens and underscores, or leave it out";
    yield { at: inputs.originsOf(name, ["nomad", "nodePool"]), message, hint: poolHint };
  }
}

export const datacenterName: Rule = {
  code: "datacenter-name",
  severity: "error",
  title: "Names of datacenters, regions and node pools are ones that Consul and Nomad accept",
  why: "Consul does not start with a datacenter whose name holds anything but letters, digits, hyphens and underscores. Nomad refuses a client in a node pool with other characters, and `all` is its name for every pool at once.",
  needs: "fleet",
  check: checkDatacenters,
};
