import type { Service } from "../../../../lab/host/daemons/units.js";
import type { HostSpec } from "../../../../lab/spec.js";
import { addFile, addNetworkd, addRuleset, type Facts, scalar } from "./facts.js";
import { numbered } from "./notations.js";

/** What a lab has of a host, in the same flat notation as NixOS's facts. */

/** @param services those that the host's units were made of @param nameKey the host of a WireGuard key */
export function labFacts(spec: HostSpec, services: readonly Service[], nameKey: (key: string) => string): Facts {
  const facts: Facts = new Map();
  for (const { path, text } of spec.files) if (path.startsWith("/etc/")) addFile(facts, path, text);
  addRuleset(facts, spec.ruleset);
  for (const [key, value] of Object.entries(spec.sysctl)) facts.set(`sysctl:${key}`, scalar(value));
  for (const [unit, netdev] of Object.entries(spec.networkd.netdevs))
    addNetworkd(facts, `${unit}.netdev`, printUnit(netdev), nameKey);
  for (const [unit, network] of Object.entries(spec.networkd.networks))
    addNetworkd(facts, `${unit}.network`, printUnit(network), nameKey);
  for (const service of services) addService(facts, service);
  return facts;
}

/** Sections of NixOS's options for networkd; options that are no section belong to `Network`. */
const SECTIONS: Readonly<Record<string, string>> = {
  netdevConfig: "NetDev",
  wireguardConfig: "WireGuard",
  wireguardPeers: "WireGuardPeer",
  vlanConfig: "VLAN",
  matchConfig: "Match",
  linkConfig: "Link",
  networkConfig: "Network",
  addresses: "Address",
  routes: "Route",
};
const KEYS: Readonly<Record<string, string>> = { address: "Address", dns: "DNS", vlan: "VLAN", DHCP: "DHCP" };

function printUnit(unit: object): string[] {
  const seen = new Map<string, number>();
  return Object.entries(unit).flatMap(([option, value]) => {
    const section = SECTIONS[option];
    if (section === undefined) return printLine("Network", KEYS[option] ?? option, value);
    return [value].flat().flatMap((one) => {
      const name = numbered(seen, section);
      return Object.entries(one as object).flatMap(([key, inner]) => printLine(name, key, inner));
    });
  });
}

function printLine(section: string, key: string, value: unknown): string[] {
  return [value].flat().map((one) => `${section}:${key}=${one}`);
}

function addService(facts: Facts, service: Service): void {
  const { name, start, preStart, environment = {}, restart, restartSec, killSignal, after = [], reload } = service;
  const set = (setting: string, value: string | undefined) => {
    if (value !== undefined) facts.set(`unit:${name}:${setting}`, value);
  };
  facts.set(`unit:${name}`, "");
  set("ExecStart", typeof start === "string" ? start : start.join(" "));
  set("ExecReload", reload?.command.join(" "));
  set("preStart", preStart);
  set("after", after.map((unit) => `${unit}.service`).join(" "));
  set("Restart", restart);
  set("RestartSec", String(restartSec));
  set("KillSignal", killSignal);
  for (const [key, value] of Object.entries(environment)) set(`environment.${key}`, value);
  const credentials = Object.entries(service.credentials ?? {}).map(([key, file]) => `${key}:${file}`);
  if (credentials.length > 0) set("LoadCredential", credentials.sort().join(" "));
  for (const [kind, folder] of [["Runtime", service.runtime] as const, ["State", service.state] as const]) {
    set(`${kind}Directory`, folder?.folder);
    // systemd's default is 0755, and nobody writes it.
    if (folder?.mode !== "0755") set(`${kind}DirectoryMode`, folder?.mode);
  }
}
