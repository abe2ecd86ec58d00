import { runIn } from "../../machine/enter.js";
import type { HostSpec, LabSpec } from "../../spec.js";
import type { Harness } from "../harness/harness.js";
import { lookUp } from "../harness/names.js";
import { judgeNames } from "../judge/names.js";
import type { Failure } from "../report.js";

/** The lab's stand-in for the world's resolvers answers this name. */
export const PUBLIC_NAME = "public.example.org";

/**
 * A public name comes from upstream over TLS: every host gets what the stand-in says over TLS, and the stand-in says nothing in the clear,
 * on any port, so there is no other way that it can have come.
 */
export async function checkUpstream(bench: Harness, spec: LabSpec): Promise<Failure[]> {
  const outside = await bench.pidOfNamespace("internet");
  const secure = spec.world.resolvers.filter(({ tlsName }) => tlsName !== null);
  const [first] = secure;
  if (first === undefined) return [];
  const truth = await askOutside(outside, first.address, ["-p", String(first.port), "+tls"]);
  if (truth.length === 0) return [missing(first.address)];
  const clear = await Promise.all(secure.map((resolver) => findClear(outside, resolver)));
  const wanted = new Map([[PUBLIC_NAME, truth]]);
  const seen = await Promise.all(spec.hosts.map((host) => lookFrom(bench, host, wanted)));
  return [...clear.flat(), ...seen.flat()];
}

function missing(address: string): Failure {
  return {
    expected: `the lab's resolver at ${address} knows ${PUBLIC_NAME} over TLS`,
    seen: "no answer",
    look: "meshflake lab status",
  };
}

async function lookFrom(
  bench: Harness,
  { name }: HostSpec,
  wanted: ReadonlyMap<string, readonly string[]>,
): Promise<Failure[]> {
  return judgeNames(name, "/etc/resolv.conf", wanted, await lookUp(await bench.pidOf(name), [...wanted.keys()]));
}

async function askOutside(pid: number, address: string, flags: readonly string[]): Promise<string[]> {
  const argv = ["dig", `@${address}`, "+short", "+time=2", "+tries=1", ...flags, PUBLIC_NAME, "A"];
  const { stdout } = await runIn(pid, argv, { timeoutMs: 10_000 });
  return stdout.split("\n").filter((line) => /^[\d.]+$/.test(line));
}

/** Asks without TLS, by UDP and TCP, on the usual port and on that of DNS over TLS. */
async function findClear(
  pid: number,
  { address, port }: { readonly address: string; readonly port: number },
): Promise<Failure[]> {
  const ways = [[], ["+tcp"], ["-p", String(port)], ["+tcp", "-p", String(port)]];
  const answers = await Promise.all(ways.map((flags) => askOutside(pid, address, flags)));
  return answers.flatMap((found, index) => {
    if (found.length === 0) return [];
    const seen = `dig ${ways[index]?.join(" ") ?? ""}: ${found.join(" ")}`;
    return [{ expected: `${address} answers over TLS alone`, seen, look: "meshflake lab status" }];
  });
}
