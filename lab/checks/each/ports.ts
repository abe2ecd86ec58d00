import type { Check } from "../check.js";
import { publicAddresses } from "../judge/ports.js";
import { type Failure, notApplicable, verdictOf } from "../report.js";
import { ALL_PORTS, listenOnOpenPorts, scanAddress } from "../scenes/scan.js";

export const ports: Check = {
  name: "ports",
  title: "A scan of every public address from outside finds the planned ports open, and no other",
  async run(harness) {
    const [spec, state] = await Promise.all([harness.spec(), harness.state()]);
    const targets = publicAddresses(spec, state);
    if (targets.length === 0) return notApplicable("the fleet has no public address");
    harness.step("something listens on every planned port");
    await Promise.all(spec.hosts.map((host) => listenOnOpenPorts(harness, host)));
    const failures: Failure[] = [];
    for (const target of targets) {
      harness.step(`${target.site}: all ports of ${target.address}`);
      failures.push(...(await scanAddress(harness, spec, target)));
    }
    const open = targets.reduce((sum, { openings }) => sum + openings.length, 0);
    return verdictOf(
      [
        { name: "public addresses", value: targets.length, unit: "addresses" },
        { name: "ports knocked at, TCP and UDP", value: 2 * ALL_PORTS.length * targets.length, unit: "ports" },
        { name: "ports planned to be open", value: open, unit: "ports" },
      ],
      failures,
    );
  },
};
