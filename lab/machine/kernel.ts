import { run } from "./command.js";

/** What this kernel has; the lab brings a program for what it has not. */
export interface Kernel {
  readonly wireguard: "kernel" | "wireguard-go";
  readonly lines: "netem" | "meshflake-line";
}

/**
 * Tries both in namespaces that end at once.
 * @param isolation words that make them, before the words of a program
 * @param path where programs are, folders with colons between them
 */
export async function probeKernel(
  isolation: readonly string[] = ["unshare", "--net"],
  path = process.env.PATH ?? "",
): Promise<Kernel> {
  const tryOut = (...words: readonly string[]) => run([...isolation, ...words], { env: { PATH: path, LC_ALL: "C" } });
  const [wireguard, netem] = await Promise.all([
    tryOut("ip", "link", "add", "probe", "type", "wireguard"),
    tryOut("tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"),
  ]);
  return {
    wireguard: wireguard.code === 0 ? "kernel" : "wireguard-go",
    lines: netem.code === 0 ? "netem" : "meshflake-line",
  };
}
