import { cpSync, existsSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Compiled } from "../../../generators/compile.js";
import type { Fleet, Host } from "../../../generators/model/fleet.js";
import { mustSucceed, run } from "../../machine/command.js";

/** A host file more, in a copy of the repository. */

/** What a copy of a repository does without: its history, what is installed (linked instead), and what was built, by Nix as well. */
const LEFT_OUT: ReadonlySet<string> = new Set([".git", "node_modules", "dist", "result"]);
const GENERATE_MS = 120_000;

/** Copies a repository, links followed: they may lead out of it. */
export function copyRepository(root: string, copy: string): void {
  // A link that leads nowhere cannot be followed.
  const isCopied = (path: string) => !LEFT_OUT.has(basename(path)) && existsSync(path);
  for (const name of readdirSync(root).filter((one) => isCopied(join(root, one)))) {
    cpSync(join(root, name), join(copy, name), { recursive: true, dereference: true, filter: isCopied });
  }
  if (existsSync(join(root, "node_modules"))) symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
}

/**
 * Host files that might work, best first: at a site whose router gives out addresses; with an address of the site's LAN where hosts there
 * have such; each in the cluster of a host that is there already.
 */
export function candidates(fleet: Fleet): string[] {
  const hosts = [...fleet.hosts.values()].filter(({ site }) => site.ipv4 !== "public" && site.ipv4 !== "none");
  const places = new Map(hosts.map((host) => [`${host.site.name} ${host.cluster}`, host]));
  return [...places.values()].flatMap((host) => {
    const own = addressOnLan(fleet, host);
    return [null, ...(own === null ? [] : [own])].map((address) => hostFile(fleet, host, address));
  });
}

/** The last free address of the network that a host is in; null where its address is not written down. */
function addressOnLan(fleet: Fleet, { address: { ipv4, gateway4 } }: Host): string | null {
  if (ipv4 === undefined || gateway4 === undefined) return null;
  const taken = new Set([...fleet.hosts.values()].flatMap(({ address }) => address.ipv4?.address ?? []));
  for (let offset = ipv4.size - 2n; offset > 0n; offset--) {
    const free = ipv4.at(offset);
    if (!taken.has(free) && free !== gateway4) return `{ ipv4: "${free}/${ipv4.prefix}", gateway4: "${gateway4}" }`;
  }
  return null;
}

function hostFile(fleet: Fleet, { site, cluster }: Host, address: string | null): string {
  const fields = [
    `site: ${JSON.stringify(site.name)}`,
    ...(fleet.clusters.size > 1 ? [`cluster: ${JSON.stringify(cluster)}`] : []),
    ...(address === null ? [] : [`address: ${address}`]),
    `disks: { layout: "ext4", device: "/dev/sda" }`,
  ];
  return `import fleet from "./fleet";\n\nexport default fleet.bareMetal({ ${fields.join(", ")} });\n`;
}

/** A name that no host has. */
export function freeName(fleet: Fleet): string {
  for (let number = 1; ; number++) {
    const name = `newcomer${number}`;
    if (!fleet.hosts.has(name)) return name;
  }
}

/**
 * Writes the first host file that compiles and links the newcomer to every host of its cluster.
 * @param compile the whole way from the copy to views, which throws where the fleet has an error
 * @returns the file's text, or null where none works
 */
export async function writeHostFile(
  copy: string,
  name: string,
  texts: readonly string[],
  compile: () => Promise<Compiled>,
): Promise<string | null> {
  for (const text of texts) {
    writeFileSync(join(copy, "hosts", `${name}.ts`), text);
    const compiled = await compile().catch(() => null);
    if (compiled !== null && isLinked(compiled, name)) return text;
  }
  return null;
}

function isLinked({ plan }: Compiled, name: string): boolean {
  const cluster = plan.clusters.get(plan.hosts.get(name)?.host.cluster ?? "");
  if (cluster === undefined) return false;
  const others = cluster.cluster.hosts.filter((other) => other !== name);
  return others.every((other) => ["direct", "relay"].includes(cluster.linkOf(name, other).kind));
}

/**
 * The product's own command, as a person runs it; and once more, to see that nothing is left to write.
 * @throws Error with what it said, or where the newcomer has no module: a generate that writes nothing is no success
 */
export async function generate(cli: string, copy: string, environment: string | null, newcomer: string): Promise<void> {
  const flags = environment === null ? [] : ["--env", environment];
  for (const more of [[], ["--check"]]) {
    const argv = [process.execPath, cli, "generate", "-C", copy, ...flags, ...more];
    mustSucceed(["meshflake generate", ...more].join(" "), await run(argv, { timeoutMs: GENERATE_MS }));
  }
  const folder = join("modules", ...(environment === null ? ["hosts"] : ["environments", environment]), newcomer);
  if (!existsSync(join(copy, folder))) throw new Error(`meshflake generate wrote no ${folder}`);
}
