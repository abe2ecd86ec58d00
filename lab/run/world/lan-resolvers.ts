import type { ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { familyOf } from "../../../generators/model/net.js";
import { spawnIn } from "../../machine/enter.js";
import type { NamespaceName, SiteSpec, WorldSpec } from "../../spec.js";
import { printServer } from "./resolver.js";

/** What routers at home answer: the names that a site's LAN gives its machines. */

const DNS_PORT = 53;

/** What the Unbound of a site's router reads. Exported for the tests. */
export function lanResolverConfig(folder: string, { gateways, names }: Pick<SiteSpec, "gateways" | "names">): string {
  const listeners = gateways.map((gateway) => `${gateway.replace(/\/\d+$/, "")}@${DNS_PORT}`);
  return printServer(
    folder,
    // A link-local address is every router's, and means nothing without an interface.
    listeners.filter((listener) => !listener.startsWith("fe80:")),
    names.map(({ name, address }) => ({ name, address, family: familyOf(address) ?? "ipv4" })),
  );
}

/** One resolver for each site that names its machines. */
export class LanResolvers {
  readonly #running = new Map<string, ChildProcess>();

  /** @param folder their own, private */
  constructor(private readonly folder: string) {}

  /**
   * Starts those that are missing, and tells the others what has changed.
   * @param pidOf a process in a namespace of the world
   */
  update({ sites }: WorldSpec, pidOf: (namespace: NamespaceName) => number): void {
    for (const site of sites.filter(({ names }) => names.length > 0)) {
      const folder = join(this.folder, site.name);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const config = join(folder, "unbound.conf");
      writeFileSync(config, lanResolverConfig(folder, site));
      const running = this.#running.get(site.name);
      if (running !== undefined) running.kill("SIGHUP");
      else this.#start(site.name, config, pidOf(`site:${site.name}`));
    }
  }

  #start(site: string, config: string, pid: number): void {
    const child = spawnIn(pid, ["unbound", "-d", "-c", config], { stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", (error) => console.log(`the resolver of ${site}: ${error.message}`));
    child.once("exit", (code, signal) => console.log(`the resolver of ${site} ended: ${signal ?? code}`));
    this.#running.set(site, child);
  }
}
