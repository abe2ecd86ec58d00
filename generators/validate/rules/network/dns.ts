import { familyOf } from "../../../model/net.js";
import type { Origin, ValuePath } from "../../../model/problem.js";
import type { Finding, Rule, RuleContext } from "../../rule.js";
import { isWebUrl } from "../cluster/services.js";
import { isDnsName } from "../fleet/names.js";
import { eachHost, quote } from "../support.js";

/** Records and blocking lists, of the fleet, its clusters and its hosts. */

interface Scope {
  readonly records: Readonly<Record<string, string | readonly string[]>>;
  readonly blocklists: readonly string[];
  readonly at: (...path: ValuePath) => readonly Origin[];
}

function* eachScope(context: RuleContext): Iterable<Scope> {
  const { inputs } = context;
  const { dns = {}, clusters = {} } = inputs.fleet.value;
  const scope = ({ records = {}, blocklists = [] }: typeof dns, at: Scope["at"]): Scope => ({
    records,
    blocklists,
    at,
  });
  yield scope(dns, (...path) => inputs.fleetOriginsOf(["dns", ...path]));
  for (const [name, cluster] of Object.entries(clusters)) {
    const at = (...path: ValuePath) => inputs.fleetOriginsOf(["clusters", name, "dns", ...path]);
    if (cluster.dns !== undefined) yield scope(cluster.dns, at);
  }
  for (const [host, { dns: own }] of eachHost(context)) {
    if (own !== undefined) yield scope(own, (...path) => inputs.originsOf(host, ["dns", ...path]));
  }
}

/** @param taken names that the plan answers by itself, and whose they are */
function nameFault(name: string, taken: ReadonlyMap<string, string>): Omit<Finding, "at"> | null {
  const lower = name.toLowerCase();
  if (!isDnsName(lower, true)) {
    const hint = "write labels with dots between them, without a dot at the end; wildcards do not work";
    return { message: `${quote(name)} is not a DNS name`, hint };
  }
  if (lower === "consul" || lower.endsWith(".consul")) {
    const hint = "announce it as a Consul service, or use a name of your own domain";
    return { message: `${name} lies in consul, which Consul answers`, hint };
  }
  const owner = taken.get(lower);
  if (owner === undefined) return null;
  return { message: `${name} is the mesh address of ${owner} already`, hint: "choose another name" };
}

function* checkRecords(context: RuleContext): Iterable<Finding> {
  const { inputs } = context;
  const { domain, devices = {} } = inputs.fleet.value;
  const taken = new Map(
    [...inputs.hosts.keys(), ...Object.keys(devices)].map((name) => [`${name}.mesh.${domain}`, name]),
  );
  for (const { records, at } of eachScope(context)) {
    for (const [name, value] of Object.entries(records)) {
      const fault = nameFault(name, taken);
      if (fault !== null) yield { at: at("records", name), ...fault };
      const addresses = typeof value === "string" ? [value] : value;
      for (const [index, address] of addresses.entries()) {
        if (familyOf(address) !== null) continue;
        const path = typeof value === "string" ? ["records", name] : ["records", name, index];
        const hint = "write an IPv4 or IPv6 address, without a prefix length";
        yield { at: at(...path), message: `${quote(address)} is not an IP address`, hint };
      }
    }
  }
}

export const dnsRecord: Rule = {
  code: "dns-record",
  severity: "error",
  title: "An extra record is a DNS name and its addresses",
  why: "Unbound does not start with a record that it cannot read, and then the host resolves nothing at all. Names of hosts and services are answered already.",
  needs: "fleet",
  check: checkRecords,
};

function* checkBlocklists(context: RuleContext): Iterable<Finding> {
  for (const { blocklists, at } of eachScope(context)) {
    for (const [index, url] of blocklists.entries()) {
      if (isWebUrl(url)) continue;
      const hint = "write the list's address with its scheme: https://lists.example.org/ads.rpz";
      yield { at: at("blocklists", index), message: `${quote(url)} is no http or https URL`, hint };
    }
  }
}

export const blocklistUrl: Rule = {
  code: "blocklist-url",
  severity: "error",
  title: "A blocking list is a URL that Unbound can fetch",
  why: "Unbound fetches response policy zones itself, over HTTP or HTTPS. With anything else it does not start.",
  needs: "fleet",
  check: checkBlocklists,
};
