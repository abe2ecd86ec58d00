import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { findProgram } from "../../../generators/machine/programs.js";
import { UserError } from "../../../generators/model/problem.js";
import { type Kernel, probeKernel } from "../../machine/kernel.js";
import type { LabSpec } from "../../spec.js";
import { findIsolation, type Isolation } from "./namespaces.js";

/** The programs that a lab runs, and where this machine has them. */

/** Where to get a program. */
interface Package {
  /** Null where Debian has none. */
  readonly debian: string | null;
  readonly nix: string;
}

const same = (name: string): Package => ({ debian: name, nix: name });

const COREUTILS = same("coreutils");
const UTIL_LINUX = same("util-linux");
const IPROUTE = same("iproute2");
const UNBOUND = same("unbound");
const BIRD: Package = { debian: "bird2", nix: "bird2" };
const WIREGUARD_TOOLS = same("wireguard-tools");

/** By name. Debian 12 and nixpkgs 25.05. */
const PACKAGES: ReadonlyMap<string, Package> = new Map([
  ["age", same("age")],
  ["awk", { debian: "mawk", nix: "gawk" }],
  ["base64", COREUTILS],
  ["bash", same("bash")],
  ["bird", BIRD],
  ["birdc", BIRD],
  ["cat", COREUTILS],
  ["consul", { debian: null, nix: "consul" }],
  ["curl", same("curl")],
  ["dig", { debian: "bind9-dnsutils", nix: "dnsutils" }],
  ["gawk", same("gawk")],
  ["ip", IPROUTE],
  ["jq", same("jq")],
  ["meshflake-line", { debian: null, nix: "meshflake-line" }],
  ["mount", { debian: "mount", nix: "util-linux" }],
  ["nft", same("nftables")],
  ["nomad", { debian: null, nix: "nomad" }],
  ["nsenter", UTIL_LINUX],
  ["openssl", same("openssl")],
  ["ping", { debian: "iputils-ping", nix: "iputils" }],
  ["sed", { debian: "sed", nix: "gnused" }],
  ["sh", { debian: "dash", nix: "bash" }],
  ["sha256sum", COREUTILS],
  ["sleep", COREUTILS],
  ["tc", IPROUTE],
  ["unbound", UNBOUND],
  ["unbound-checkconf", UNBOUND],
  ["unshare", UTIL_LINUX],
  ["wg", WIREGUARD_TOOLS],
  ["wireguard-go", same("wireguard-go")],
]);

/** What every lab runs, whatever its hosts do: its world, its hosts' scripts, and what looks at them. */
const ALWAYS = [
  ...["unshare", "nsenter", "mount", "ip", "nft", "tc", "wg"],
  ...["unbound", "unbound-checkconf", "openssl", "curl", "jq", "ping", "dig", "age"],
  ...["bash", "sh", "awk", "sed", "cat", "base64", "sha256sum", "sleep"],
];

/** Only these are looked for where it is no unit of this lab. */
const BESIDE: ReadonlyMap<string, readonly string[]> = new Map([["bird", ["birdc"]]]);

function unitPrograms(spec: LabSpec): string[] {
  const commands = spec.hosts.flatMap(({ units }) => units.flatMap(({ exec, before = [] }) => [exec, ...before]));
  return commands.flatMap(([program = ""]) => (PACKAGES.has(program) ? [program, ...(BESIDE.get(program) ?? [])] : []));
}

/** Names of all programs that a lab needs on this machine, sorted. */
export function listNeeded(spec: LabSpec, { wireguard, lines }: Kernel): string[] {
  const standIns = [wireguard, lines].filter((program) => PACKAGES.has(program));
  return [...new Set([...ALWAYS, ...unitPrograms(spec), ...standIns])].sort();
}

/**
 * Folders with programs, the first that has one wins: PATH, `MESHFLAKE_TOOLS`, what `npm run lab:tools` built, and those of
 * administrators, which Debian leaves out of people's PATH.
 */
export function searchPath(env: NodeJS.ProcessEnv = process.env): string {
  const { PATH = "", MESHFLAKE_TOOLS: tools = "", XDG_CACHE_HOME: cache = "" } = env;
  const built = join(cache === "" ? join(homedir(), ".cache") : cache, "meshflake/tools");
  return [PATH, tools, built, "/usr/local/sbin", "/usr/sbin", "/sbin"].filter((part) => part !== "").join(delimiter);
}

function quoteAll(names: readonly (string | null)[]): string {
  return [...new Set(names.filter((name) => name !== null))].sort().join(" ");
}

/** All that is missing, at once, and every way to get it. */
function refuseMissing(missing: readonly string[]): UserError {
  const packages = missing.map((name) => PACKAGES.get(name) ?? same(name));
  const debian = quoteAll(packages.map((one) => one.debian));
  const built = missing.filter((name) => PACKAGES.get(name)?.debian === null);
  const hints = [
    ...(debian === "" ? [] : [`Debian: apt install --no-install-recommends ${debian}`]),
    ...(built.length === 0
      ? []
      : [`with Go: npm explore meshflake -- npm run lab:tools, which builds ${quoteAll(built)}`]),
    `Nix: ${quoteAll(packages.map((one) => one.nix))}, or nix develop, which has everything`,
  ];
  const are = missing.length === 1 ? "is" : "are";
  return new UserError(
    `${missing.join(", ")} ${are} not installed, and the lab needs ${missing.length === 1 ? "it" : "them"}`,
    hints.join("\n      "),
    1,
  );
}

/**
 * Finds programs on this machine.
 * @returns their absolute paths by name
 * @throws UserError with all that are missing, and the packages that have them
 */
export function findPrograms(names: readonly string[], path = searchPath()): Record<string, string> {
  const found = names.map((name) => [name, findProgram(name, path)] as const);
  const missing = found.filter(([, file]) => file === null).map(([name]) => name);
  if (missing.length > 0) throw refuseMissing(missing);
  return Object.fromEntries(found.map(([name, file]) => [name, file ?? ""]));
}

/** What a lab needs of this machine. */
export interface Machine {
  readonly isolation: Isolation;
  readonly kernel: Kernel;
  readonly programs: Readonly<Record<string, string>>;
}

/** With these the machine tells what its kernel can do. */
const PROBES = ["unshare", "ip", "tc"];

/**
 * Makes sure that this machine can run a lab, before anything is made.
 * @throws UserError where programs are missing, or namespaces are forbidden
 */
export async function prepareMachine(spec: LabSpec): Promise<Machine> {
  const path = searchPath();
  if (PROBES.some((name) => findProgram(name, path) === null)) {
    findPrograms(listNeeded(spec, { wireguard: "kernel", lines: "netem" }), path);
  }
  const isolation = await findIsolation(path);
  const kernel = await probeKernel(isolation.argv, path);
  return { isolation, kernel, programs: findPrograms(listNeeded(spec, kernel), path) };
}
