import type { Route } from "./route.js";
import { quoteLine } from "./shell-words.js";
import { strictOptions } from "./strict.js";

export interface Login {
  /** The host's name. */
  readonly host: string;
  readonly route: Route;
  readonly user: string;
  readonly port: number;
  /** The port of the host in between. */
  readonly jumpPort: number;
  /** The generated file, absolute. */
  readonly knownHosts: string;
  /** What to run there; a shell where it is empty. */
  readonly command: readonly string[];
}

/** Seconds until an address that does not answer is given up; the system's own limit is minutes. */
const CONNECT = ["-o", "ConnectTimeout=10"];

/** The host in between checks nothing for us: the key at the far end is checked here, too. */
function jumpOptions({ route, knownHosts, user, port, jumpPort }: Login): string[] {
  if (route.via === null) return [];
  const { host, address } = route.via;
  const words = ["ssh", ...strictOptions(knownHosts, host), ...CONNECT, "-p", String(jumpPort)];
  const line = quoteLine([...words, "-W", `[${route.address}]:${port}`, `${user}@${address}`]);
  return ["-o", `ProxyCommand=${line.replace(/%/g, "%%")}`];
}

/** Where it goes, for people: `root@10.10.0.3 through cosmo`. */
export function describeLogin({ user, route: { address, via } }: Pick<Login, "user" | "route">): string {
  return `${user}@${address}${via === null ? "" : ` through ${via.host}`}`;
}

/** The arguments of ssh. */
export function sshArguments(login: Login): string[] {
  const { host, route, user, port, knownHosts, command } = login;
  const options = [...strictOptions(knownHosts, host), ...CONNECT, ...jumpOptions(login), "-p", String(port)];
  return [...options, "--", `${user}@${route.address}`, ...command];
}
