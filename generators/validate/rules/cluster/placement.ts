import type { Host } from "../../../model/fleet.js";
import type { Platform } from "../../../model/vocabulary.js";
import type { Finding, PlanRuleContext, Rule, RuleContext } from "../../rule.js";
import { atRelay, listNames } from "../support.js";
import { atVoter, eachCouncil } from "./voters.js";

/** Where voters and relays stand: what a single failure takes away. */

const PROVIDERS: Partial<Record<Platform, string>> = { hetznerVm: "Hetzner", contaboVm: "Contabo" };

/** What a host fails together with, the narrowest first. */
function domainsOf(host: Host): string[] {
  const { input, site } = host;
  const domains = [];
  if (input.platform === "proxmoxLxc" || input.platform === "proxmoxVm") {
    domains.push(`the Proxmox node ${input.node} at ${site.name}`);
  }
  domains.push(`the site ${site.name}`);
  const provider = PROVIDERS[host.platform];
  if (provider !== undefined) domains.push(`the provider ${provider}`);
  return domains;
}

function groupBy(hosts: readonly Host[]): Map<string, Host[]> {
  const groups = new Map<string, Host[]>();
  for (const host of hosts) {
    for (const domain of domainsOf(host)) groups.set(domain, [...(groups.get(domain) ?? []), host]);
  }
  return groups;
}

function* checkTogether(context: RuleContext): Iterable<Finding> {
  for (const { system, title, members, voters } of eachCouncil(context)) {
    if (voters.length < 3) continue;
    const majority = Math.floor(voters.length / 2) + 1;
    for (const [domain, together] of groupBy(voters)) {
      const last = together.at(-1);
      // Where the whole cluster stands in one place, there is no other one to move a voter to.
      const isElsewhere = members.some((host) => !domainsOf(host).includes(domain));
      if (last === undefined || together.length < majority || !isElsewhere) continue;
      const names = listNames(together.map((host) => host.name));
      const message = `${domain} holds ${together.length} of ${voters.length} ${title} servers (${names}): without it there is no majority`;
      const hint = `move one of them elsewhere, so that no place holds more than ${voters.length - majority}`;
      yield { at: atVoter(context, system, last.name), message, hint };
      break;
    }
  }
}

export const votersTogether: Rule = {
  code: "voters-together",
  severity: "warning",
  title: "No site, provider or Proxmox node holds a majority of the voters",
  why: "Three voters survive the loss of one. If two of them hang on one uplink, one provider or one machine, losing that stops the whole cluster. A cluster that stands in one place altogether is not warned about.",
  needs: "fleet",
  check: checkTogether,
};

function* checkTranslated(context: RuleContext): Iterable<Finding> {
  for (const { system, title, members, voters } of eachCouncil(context)) {
    // On one LAN nobody goes through the provider's translation.
    if (members.every((host) => host.site === members[0]?.site)) continue;
    for (const { name, site } of voters) {
      const isOpen = [site.ipv4, site.ipv6].some((uplink) => uplink === "public" || uplink === "portForwarded");
      if (isOpen || (site.ipv4 !== "cgnat" && site.ipv6 !== "cgnat")) continue;
      const message = `the ${title} server ${name} stands behind CGNAT at ${site.name}`;
      const hint =
        "let a host with a public address vote instead; behind CGNAT the link may lapse, and each lapse is an election";
      yield { at: atVoter(context, system, name), message, hint };
    }
  }
}

export const voterCgnat: Rule = {
  code: "voter-cgnat",
  severity: "warning",
  title: "No voter stands behind CGNAT",
  why: "Nobody can dial a host behind the provider's translation, and the provider may drop its links at will. Every such lapse of a voter can cost an election, during which nothing is scheduled.",
  needs: "fleet",
  check: checkTranslated,
};

/** Main memory in MiB where the input tells; the defaults are those of `ProxmoxInput.memory` and `RaspberryPiInput.memory`. */
function memoryOf({ input }: Host): number | null {
  switch (input.platform) {
    case "raspberryPi":
      return input.memory ?? (input.model === 3 ? 1024 : 4096);
    case "proxmoxLxc":
    case "proxmoxVm":
      return input.memory ?? 2048;
    default:
      return null;
  }
}

/** MiB. Consul and Nomad each keep all of their state in memory, and snapshots double it for a moment. */
const LITTLE_MEMORY = 1024;

function* checkSmall(context: RuleContext): Iterable<Finding> {
  for (const { system, title, voters } of eachCouncil(context)) {
    for (const host of voters) {
      const memory = memoryOf(host);
      if (memory === null || memory > LITTLE_MEMORY) continue;
      const message = `the ${title} server ${host.name} has ${memory} MiB of memory`;
      const hint = "let a host with 2 GiB or more vote instead";
      yield { at: atVoter(context, system, host.name), message, hint };
    }
  }
}

export const voterSmall: Rule = {
  code: "voter-small",
  severity: "warning",
  title: "A voter has more than 1 GiB of memory",
  why: "Servers keep the whole state in memory, and write snapshots of it. A Raspberry Pi 3 that also runs jobs swaps onto its card, misses heartbeats, and loses its leadership again and again.",
  needs: "fleet",
  check: checkSmall,
};

function* checkNomadAlone({ fleet, inputs }: RuleContext): Iterable<Finding> {
  for (const { name, nomad, consul } of fleet.hosts.values()) {
    if (nomad === null || consul !== null) continue;
    const hint = "remove consul: false, or set nomad: false as well";
    yield { at: inputs.originsOf(name, ["consul"]), message: "Nomad runs on this host, and Consul does not", hint };
  }
}

export const nomadWithoutConsul: Rule = {
  code: "nomad-without-consul",
  severity: "error",
  title: "A host that runs Nomad runs Consul",
  why: "Nomad registers its jobs' services with the Consul agent of its own host. Without one, they are found by nobody, and the client's fingerprint lacks what jobs ask for.",
  needs: "fleet",
  check: checkNomadAlone,
};

/** Whether something other than devices goes through the only relay. */
function isNeeded({ plan }: PlanRuleContext, cluster: string, relay: string): boolean {
  const own = plan.clusters.get(cluster);
  if (own === undefined || plan.hosts.get(relay)?.mesh.forwards !== true) return false;
  const devices = new Set(own.devices.map(({ ip }) => `${ip}/32`));
  for (const name of own.cluster.hosts) {
    if (name === relay) continue;
    for (const { peers } of plan.hosts.get(name)?.mesh.interfaces ?? []) {
      const peer = peers.find((candidate) => candidate.name === relay);
      if (peer?.allowedIps.slice(1).some((range) => !devices.has(range))) return true;
    }
  }
  return false;
}

function* checkSingleRelay(context: PlanRuleContext): Iterable<Finding> {
  for (const { cluster } of context.plan.clusters.values()) {
    const [relay] = cluster.mesh.relays;
    if (relay === undefined || cluster.mesh.relays.length > 1 || !isNeeded(context, cluster.name, relay)) continue;
    const message = `${relay} is the only relay of ${cluster.name}, and some hosts reach each other only through it`;
    const hint = "name a second relay that can be reached from outside; the other takes over within seconds";
    yield { at: atRelay(context, cluster.name, relay), message, hint };
  }
}

export const singleRelay: Rule = {
  code: "single-relay",
  severity: "warning",
  title: "Where hosts need a relay, there are two",
  why: "With two relays or more, BIRD and BFD move traffic to the next one within seconds. With a single one, hosts behind different address translations lose each other whenever it restarts.",
  needs: "plan",
  check: checkSingleRelay,
};
