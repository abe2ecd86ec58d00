import type { Host } from "../../../model/fleet.js";
import { FAMILIES } from "../../../model/vocabulary.js";
import type { ClusterPlan } from "../../../plan/types.js";
import type { Finding, PlanRuleContext, Rule, RuleContext } from "../../rule.js";
import { atRelay, listNames } from "../support.js";

/** Relays that carry nothing yet, and hosts that need one although they stand side by side. */

function* checkPending(context: RuleContext): Iterable<Finding> {
  const { fleet } = context;
  for (const cluster of fleet.clusters.values()) {
    for (const name of cluster.mesh.relays) {
      const host = fleet.hosts.get(name);
      // Elsewhere than at a provider, an address that nobody knows is an error (relay-unreachable).
      if (host === undefined || (host.platform !== "hetznerVm" && host.platform !== "contaboVm")) continue;
      const { site, address, mesh } = host;
      if (!FAMILIES.some((family) => site[family] === "public") || mesh.endpoint !== undefined) continue;
      if (address.public4 !== undefined || address.public6 !== undefined) continue;
      const message = `the public address of the relay ${name} is not known yet: it carries nothing until then`;
      const hint =
        "create the machine and write its address into its file, or run meshflake sync where the provider tells";
      yield { at: atRelay(context, cluster.name, name), message, hint };
    }
  }
}

export const relayPending: Rule = {
  code: "relay-pending",
  severity: "warning",
  title: "The address of every relay is known",
  why: "A provider gives a machine its address only once the machine exists. Until the address stands in the host's file or in the lock, no host can open a link to the relay, and hosts that need it do not reach each other.",
  needs: "fleet",
  check: checkPending,
};

/** Whether neighbours find no address to send a first packet to. The plan has the last word. */
function isHidden({ site, address, mesh }: Host): boolean {
  if (FAMILIES.some((family) => site[family] === "public")) return false;
  const isStatic = address.ipv4 !== undefined || (address.ipv6 !== undefined && site.ipv6 === "firewalled");
  return address.lan === undefined && !isStatic && mesh.endpoint === undefined;
}

function* checkCluster({ plan, inputs }: PlanRuleContext, { cluster, linkOf }: ClusterPlan): Iterable<Finding> {
  // In a hub topology the way over a relay is what was asked for.
  if (cluster.mesh.topology === "hub") return;
  const firsts = new Map<string, string>();
  for (const name of cluster.hosts) {
    const host = plan.hosts.get(name)?.host;
    if (host === undefined || !isHidden(host)) continue;
    const { site } = host;
    const first = firsts.get(site.name);
    if (first === undefined) {
      firsts.set(site.name, name);
      continue;
    }
    const link = linkOf(first, name);
    if (link.kind !== "relay" && link.kind !== "none") continue;
    const how = link.kind === "relay" ? `meet over ${listNames(link.relays)}` : "do not meet at all";
    const range = site.lan === undefined ? `, and sites.${site.name}.lan to the range there` : "";
    const message = `${first} and ${name} stand at one site, ${site.name}, and ${how}`;
    yield { at: inputs.originsOf(name, ["site"]), message, hint: `set address.lan on one of them${range}` };
  }
}

function* checkSites(context: PlanRuleContext): Iterable<Finding> {
  for (const cluster of context.plan.clusters.values()) yield* checkCluster(context, cluster);
}

export const siteRelayed: Rule = {
  code: "site-relayed",
  severity: "warning",
  title: "Hosts of one site reach each other without a relay",
  why: "Two hosts on one LAN know nothing of each other's LAN address unless one of their files says it. Their packets then leave the house, go to a relay and come back through the same uplink, and stop altogether while the uplink is down. One problem a host is reported, with the first such host of the site.",
  needs: "plan",
  check: checkSites,
};
