import type { Labs } from "./lab.js";
import { eventually } from "./wait.js";

/** Pings from a lab's hosts. */

/** What `ping` says of many packets. */
export interface Packets {
  /** How many came back. */
  readonly back: number;
  /** Milliseconds; not a number where none came back. */
  readonly fastest: number;
  readonly slowest: number;
}

/** Of one lab. Further arguments are options of `ping`. */
export class Pings {
  constructor(private readonly labs: Labs) {}

  /** @throws Error where `ping` says nothing of packets */
  async many(from: string, address: string, ...options: string[]): Promise<Packets> {
    const argv = ["ping", "-n", "-q", "-W", "5", ...options, address];
    const { stdout, stderr } = await this.labs.run("exec", from, "--", ...argv);
    const [, back] = /, (\d+) received/.exec(stdout) ?? [];
    if (back === undefined) throw new Error(`ping from ${from} to ${address}: ${stdout}${stderr}`);
    const [, fastest = "NaN", slowest = "NaN"] = /= ([\d.]+)\/[\d.]+\/([\d.]+)\//.exec(stdout) ?? [];
    return { back: Number(back), fastest: Number(fastest), slowest: Number(slowest) };
  }

  /** Milliseconds of the fastest of five packets: what the line takes, and not what a busy machine does. */
  async fastest(from: string, address: string): Promise<number> {
    return (await this.many(from, address, "-c", "5", "-i", "0.2")).fastest;
  }

  /** Whether one packet comes back within two seconds. */
  async reaches(from: string, address: string, ...options: string[]): Promise<boolean> {
    const argv = ["ping", "-n", "-c", "1", "-W", "2", ...options, address];
    const { code, stdout, stderr } = await this.labs.run("exec", from, "--", ...argv);
    // 1 is ping's word for no answer.
    if (code === 0 || code === 1) return code === 0;
    throw new Error(`ping from ${from} to ${address} ended with ${code}: ${stdout}${stderr}`);
  }

  /** Waits until it is reached: neighbours are looked for anew once a line or a host is back. */
  reachesAgain(from: string, address: string, ...options: string[]): Promise<void> {
    return eventually(`${from} reaches ${address}`, () => this.reaches(from, address, ...options));
  }
}
