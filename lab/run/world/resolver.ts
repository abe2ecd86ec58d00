import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mustSucceed, run } from "../../machine/command.js";
import { spawnIn } from "../../machine/enter.js";
import type { PublicName, WorldSpec } from "../../spec.js";

/** The internet's stand-in for the upstream resolvers: one Unbound that has all their addresses and knows the world's few names. */

/** A name that every lab's internet knows, whatever the fleet says; the address is one of RFC 5737. */
const EXAMPLE: PublicName = { name: "public.example.org", family: "ipv4", address: "192.0.2.80" };

/**
 * Seconds that an answer is good for. Services for dynamic addresses give 30 to 60: a host that moved is not found before.
 */
const TTL = 30;

/** Certificates outlive every lab. */
const DAYS = "3650";

type ResolverSpec = Pick<WorldSpec, "names" | "resolvers">;

/** What Unbound reads. Exported for the tests. */
export function resolverConfig(folder: string, { names, resolvers }: ResolverSpec): string {
  const secured = resolvers.filter(({ tlsName }) => tlsName !== null);
  const ports = [...new Set(secured.map(({ port }) => port))];
  return printServer(
    folder,
    resolvers.map(({ address, port }) => `${address}@${port}`),
    [...names, EXAMPLE],
    [
      ...(ports[0] === undefined ? [] : [`tls-port: ${ports[0]}`]),
      ...ports.slice(1).map((port) => `tls-additional-port: ${port}`),
      ...(secured.length === 0 ? [] : ['tls-service-key: "server.key"', 'tls-service-pem: "server.pem"']),
    ],
  );
}

/**
 * An Unbound that knows its own names and nothing else.
 * @param listeners addresses with their ports, as `192.0.2.1@53`
 */
export function printServer(
  folder: string,
  listeners: readonly string[],
  names: readonly Omit<PublicName, "site">[],
  more: readonly string[] = [],
): string {
  const lines = [
    `directory: "${folder}"`,
    'chroot: ""',
    'username: ""',
    'pidfile: ""',
    "do-daemonize: no",
    "use-syslog: no",
    "module-config: iterator",
    "interface-automatic: no",
    "ip-freebind: yes",
    "access-control: 0.0.0.0/0 allow",
    "access-control: ::/0 allow",
    ...[...new Set(listeners)].map((listener) => `interface: ${listener}`),
    ...more,
    // There is nothing else in this internet.
    'local-zone: "." static',
    ...names.map(
      ({ name, family, address }) => `local-data: "${name}. ${TTL} IN ${family === "ipv4" ? "A" : "AAAA"} ${address}"`,
    ),
  ];
  return ["server:", ...lines.map((line) => `  ${line}`), ""].join("\n");
}

/** Makes the lab's own authority, and one certificate with the names of all resolvers. */
async function makeCertificates(folder: string, names: readonly string[]): Promise<void> {
  const openssl = async (...args: readonly string[]): Promise<void> => {
    mustSucceed("making certificates", await run(["openssl", ...args]));
  };
  const [caKey, ca, key, request, pem, extensions] = [
    "ca.key",
    "ca.pem",
    "server.key",
    "server.csr",
    "server.pem",
    "names",
  ].map((name) => join(folder, name)) as [string, string, string, string, string, string];
  const fresh = (file: string): string[] => [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-keyout",
    file,
  ];
  const alternatives = names.map((name) => `DNS:${name}`).join(",");
  writeFileSync(extensions, `subjectAltName=${alternatives}\n`);
  await Promise.all([
    openssl("req", "-x509", ...fresh(caKey), "-out", ca, "-days", DAYS, "-subj", "/CN=meshflake lab"),
    openssl("req", ...fresh(key), "-out", request, "-subj", `/CN=${names[0]}`),
  ]);
  const signer = ["-CA", ca, "-CAkey", caKey, "-CAcreateserial", "-CAserial", join(folder, "serial")];
  await openssl("x509", "-req", "-in", request, ...signer, "-out", pem, "-days", DAYS, "-extfile", extensions);
}

/** The stand-in, from before its start. */
export class Resolver {
  #child: ChildProcess | null = null;

  private constructor(
    private readonly folder: string,
    /** What hosts trust, in PEM. */
    readonly certificates: string,
  ) {}

  /** @param folder its own, private */
  static async prepare(folder: string, { resolvers }: ResolverSpec): Promise<Resolver> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const names = [...new Set(resolvers.flatMap(({ tlsName }) => tlsName ?? []))].sort();
    if (names.length === 0) return new Resolver(folder, "");
    await makeCertificates(folder, names);
    return new Resolver(folder, readFileSync(join(folder, "ca.pem"), "utf8"));
  }

  /**
   * Starts it, where the world has any resolver.
   * @param pid of a process in the internet
   */
  start(pid: number, spec: ResolverSpec): void {
    if (spec.resolvers.length === 0) return;
    this.#write(spec);
    const config = join(this.folder, "unbound.conf");
    this.#child = spawnIn(pid, ["unbound", "-d", "-c", config], { stdio: ["ignore", "inherit", "inherit"] });
    this.#child.once("error", (error) => console.log(`the internet's resolver: ${error.message}`));
    this.#child.once("exit", (code, signal) => console.log(`the internet's resolver ended: ${signal ?? code}`));
  }

  /** Names have other addresses from now on. */
  update(spec: ResolverSpec): void {
    if (this.#child === null) return;
    this.#write(spec);
    this.#child.kill("SIGHUP");
  }

  #write(spec: ResolverSpec): void {
    writeFileSync(join(this.folder, "unbound.conf"), resolverConfig(this.folder, spec));
  }
}
