import { run } from "./command.js";

/** What this kernel has; the lab brings a program for what it has not. */
export interface Kernel {
  readonly wireguard: "kernel" | "wireguard-go";
  readonly lines: "netem" | "meshflake-line";
}

/** Tries both in namespaces that end at once. */
export async function probeKernel(): Promise<Kernel> {
  const [wireguard, netem] = await Promise.all([
    run(["unshare", "--net", "ip", "link", "add", "probe", "type", "wireguard"]),
    run(["unshare", "--net", "tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"]),
  ]);
  return {
    wireguard: wireguard.code === 0 ? "kernel" : "wireguard-go",
    lines: netem.code === 0 ? "netem" : "meshflake-line",
  };
}
