import { parseEndpoint } from "../../../model/endpoint.js";
import type { ConsulCheckInput, ConsulServiceInput } from "../../../model/input.js";
import type { ValuePath } from "../../../model/problem.js";
import type { Finding, Rule, RuleContext } from "../../rule.js";
import { eachHost, hostNetworksOf, listNames, quote } from "../support.js";

/** What hosts announce in Consul, and what they offer to Nomad's jobs. */

function* eachService(context: RuleContext): Iterable<{ host: string; service: ConsulServiceInput; path: ValuePath }> {
  for (const [host, { consul }] of eachHost(context)) {
    for (const [index, service] of ((consul ? consul.services : undefined) ?? []).entries()) {
      yield { host, service, path: ["consul", "services", index] };
    }
  }
}

/** Services that Consul and Nomad announce by themselves. */
const OWN_SERVICES = new Set(["consul", "nomad", "nomad-client"]);

function* checkServiceNames(context: RuleContext): Iterable<Finding> {
  for (const { host, service, path } of eachService(context)) {
    const at = () => context.inputs.originsOf(host, [...path, "name"]);
    if (OWN_SERVICES.has(service.name)) {
      const message = `${service.name} is a service that the cluster announces by itself`;
      yield { at: at(), message, hint: "remove it, or give it another name" };
    } else if (!/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(service.name)) {
      const message = `${quote(service.name)} cannot be asked for in DNS`;
      yield { at: at(), message, hint: "use letters, digits and hyphens, at most 63" };
    }
  }
}

export const serviceName: Rule = {
  code: "service-name",
  severity: "error",
  title: "A service's name is a DNS label, and not one of the cluster's own",
  why: "A service is found as `<name>.service.consul`. Consul accepts other names with a warning, and then nobody can look them up; its own and Nomad's names would mix machines that have nothing in common.",
  needs: "fleet",
  check: checkServiceNames,
};

const KINDS = ["http", "tcp", "args", "ttl"] as const;

function* checkFaults(check: ConsulCheckInput): Iterable<{ key?: string; message: string; hint: string }> {
  const kinds = KINDS.filter((kind) => check[kind] !== undefined);
  const [kind] = kinds;
  if (kinds.length !== 1) {
    const what = kind === undefined ? "none" : listNames(kinds);
    yield { message: `a check is one of http, tcp, args and ttl, and this one has ${what}`, hint: "keep exactly one" };
    return;
  }
  if (check.http !== undefined && !isWebUrl(check.http)) {
    const hint = "write it with its scheme, such as http://127.0.0.1:8080/health";
    yield { key: "http", message: `${quote(check.http)} is no http or https URL`, hint };
  }
  if (check.tcp !== undefined && parseEndpoint(check.tcp) === null) {
    yield { key: "tcp", message: `${quote(check.tcp)} is not host:port`, hint: "write it as 127.0.0.1:5432" };
  }
  if (check.args?.length === 0) {
    yield { key: "args", message: "the command is empty", hint: "write the program and its arguments, one a string" };
  }
  const foreign = { ttl: ["interval", "timeout"], http: [], tcp: [], args: [] } as const;
  const webOnly = kind === "http" ? [] : (["method", "tlsSkipVerify"] as const);
  for (const key of [...foreign[kind ?? "http"], ...webOnly]) {
    if (check[key] === undefined) continue;
    yield { key, message: `${key} has no meaning for a ${kind} check`, hint: `remove it` };
  }
}

/** Whether a text is a URL that a program can fetch. */
export function isWebUrl(text: string): boolean {
  return /^https?:\/\/[^\s/]/.test(text) && URL.canParse(text);
}

function* checkChecks(context: RuleContext): Iterable<Finding> {
  for (const { host, service, path } of eachService(context)) {
    for (const [index, check] of service.checks?.entries() ?? []) {
      for (const { key, message, hint } of checkFaults(check)) {
        const place = [...path, "checks", index, ...(key === undefined ? [] : [key])];
        yield { at: context.inputs.originsOf(host, place), message, hint };
      }
    }
  }
}

export const serviceCheck: Rule = {
  code: "service-check",
  severity: "error",
  title: "A health check is of exactly one kind, and has that kind's settings",
  why: "Consul does not start with a check that it cannot read. A `ttl` check is reported by the service itself, so it has no interval and nothing that could time out.",
  needs: "fleet",
  check: checkChecks,
};

function* checkPrograms(context: RuleContext): Iterable<Finding> {
  for (const { host, service, path } of eachService(context)) {
    for (const [index, { args }] of service.checks?.entries() ?? []) {
      const program = args?.[0];
      if (program === undefined || program.startsWith("/")) continue;
      const at = context.inputs.originsOf(host, [...path, "checks", index, "args", 0]);
      const message = `${quote(program)} is no absolute path, and the unit's path has few programs`;
      const name = /^[\w.-]+$/.test(program) ? program : "pg_isready";
      yield { at, message, hint: `write an absolute path, such as /run/current-system/sw/bin/${name}` };
    }
  }
}

export const checkPath: Rule = {
  code: "check-path",
  severity: "warning",
  title: "The program of a health check is an absolute path",
  why: "Consul runs checks itself, and its unit sees the programs of its own path alone: coreutils and a few more, none that a person installed. A check whose program is not found is critical for ever. What stands in `environment.systemPackages` lies in `/run/current-system/sw/bin`.",
  needs: "fleet",
  check: checkPrograms,
};

/** Consul's limits of metadata, from its documentation of `node_meta`. */
const META_KEY = /^[A-Za-z0-9_-]{1,128}$/;
const META_PAIRS = 64;
const META_LENGTH = 512;

function* metaFaults(meta: Readonly<Record<string, string>>): Iterable<{ key?: string; message: string }> {
  const entries = Object.entries(meta);
  if (entries.length > META_PAIRS) yield { message: `${entries.length} pairs are more than Consul's ${META_PAIRS}` };
  for (const [key, value] of entries) {
    if (key.startsWith("consul-")) yield { key, message: `${quote(key)} begins with consul-, which is Consul's own` };
    else if (!META_KEY.test(key)) yield { key, message: `${quote(key)} has characters that Consul refuses` };
    else if (value.length > META_LENGTH) yield { key, message: `the value has more than ${META_LENGTH} characters` };
  }
}

function* checkMeta(context: RuleContext): Iterable<Finding> {
  const hint = "use letters, digits, hyphens and underscores in keys, at most 128, and short values";
  const places: { host: string; path: ValuePath; meta: Readonly<Record<string, string>> }[] = [];
  for (const [host, { consul }] of eachHost(context)) {
    if (consul && consul.meta !== undefined) places.push({ host, path: ["consul", "meta"], meta: consul.meta });
  }
  for (const { host, service, path } of eachService(context)) {
    if (service.meta !== undefined) places.push({ host, path: [...path, "meta"], meta: service.meta });
  }
  for (const { host, path, meta } of places) {
    for (const { key, message } of metaFaults(meta)) {
      const place = key === undefined ? path : [...path, key];
      yield { at: context.inputs.originsOf(host, place), message, hint };
    }
  }
}

export const consulMeta: Rule = {
  code: "consul-meta",
  severity: "error",
  title: "Metadata keeps to Consul's limits",
  why: "Consul refuses to start, or to register a service, with keys that hold dots or blanks, with more than 64 pairs, or with values above 512 characters.",
  needs: "fleet",
  check: checkMeta,
};

function* checkOffers(context: RuleContext): Iterable<Finding> {
  for (const [host, { nomad }] of eachHost(context)) {
    if (!nomad) continue;
    for (const [name, { path }] of Object.entries(nomad.hostVolumes ?? {})) {
      if (path.startsWith("/")) continue;
      const at = context.inputs.originsOf(host, ["nomad", "hostVolumes", name, "path"]);
      yield {
        at,
        message: `${quote(path)} is not an absolute path`,
        hint: "write it from the root, such as /srv/photos",
      };
    }
    for (const [name, network] of hostNetworksOf(nomad)) {
      if (network.interface !== undefined || network.cidr !== undefined) continue;
      const at = context.inputs.originsOf(host, ["nomad", "hostNetworks", name]);
      const hint = "set interface, cidr or both";
      yield { at, message: `the host network ${name} says neither its interface nor its range`, hint };
    }
  }
}

export const nomadOffer: Rule = {
  code: "nomad-offer",
  severity: "error",
  title: "Host volumes are absolute paths, and host networks say where they are",
  why: "Nomad does not start with a host volume whose path is relative, and finds no address for a host network without an interface or a range, so that every job which asks for it stays pending.",
  needs: "fleet",
  check: checkOffers,
};

function* checkUnused(context: RuleContext): Iterable<Finding> {
  const { fleet, inputs } = context;
  for (const { name, input } of fleet.hosts.values()) {
    const { nomad } = input;
    const resolved = fleet.hosts.get(name)?.nomad;
    if (!nomad || resolved?.client === true) continue;
    for (const key of ["hostVolumes", "hostNetworks", "drivers", "reserved"] as const) {
      if (nomad[key] === undefined) continue;
      const message = `${key} has no effect on ${name}, which is no Nomad client`;
      yield { at: inputs.originsOf(name, ["nomad", key]), message, hint: "set client: true, or remove it" };
    }
  }
}

export const nomadUnused: Rule = {
  code: "nomad-unused",
  severity: "warning",
  title: "What is offered to jobs stands on a client",
  why: "Volumes, networks and drivers are a client's. On a server alone, and on an LXC unless it says `client: true`, jobs wait for them for ever.",
  needs: "fleet",
  check: checkUnused,
};
