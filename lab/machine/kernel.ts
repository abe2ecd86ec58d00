import { run } from "./command.js";

/** What this kernel has; the lab brings a program for what it has not. */
export interface Kernel {
  readonly wireguard: "kernel" | "wireguard-go";
  readonly lines: "netem" | "meshflake-line";
}

/** Tries both in the lab's own network namespace, where nothing else lives. */
export async function probeKernel(): Promise<Kernel> {
  const [wireguard, netem] = await Promise.all([
    run(["ip", "link", "add", "probe", "type", "wireguard"]),
    run(["tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"]),
  ]);
  await Promise.all([
    wireguard.code === 0 && run(["ip", "link", "delete", "probe"]),
    netem.code === 0 && run(["tc", "qdisc", "delete", "dev", "lo", "root"]),
  ]);
  return {
    wireguard: wireguard.code === 0 ? "kernel" : "wireguard-go",
    lines: netem.code === 0 ? "netem" : "meshflake-line",
  };
}
