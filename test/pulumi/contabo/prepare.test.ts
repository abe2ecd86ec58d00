import { suite } from "uvu";
import * as assert from "uvu/assert";
import { prepareContabo } from "../../../pulumi/contabo/prepare.js";
import { FLEET, planOf } from "../../support/fleets.js";
import { viewOf } from "../clouds.js";
import { withStandIn } from "./stand-in.js";

/** Whether an instance is the one that a host file means, before it is adopted. */

const prepare = suite("pulumi: contabo prepare");

const SETTINGS = { image: null, rescue: null, sshKeys: [] };

/** Problems of a host with the number 100 and these addresses. */
function problemsOf(address: Readonly<Record<string, unknown>>): Promise<string[]> {
  const hosts = { a: { platform: "contaboVm", site: "dc", instanceId: 100, address } as const };
  return withStandIn(async ({ env }) => {
    const { problems } = await prepareContabo(planOf(FLEET, hosts).fleet, viewOf(hosts), SETTINGS, env);
    return problems.map(({ message }) => message);
  });
}

const GATEWAY = { gateway4: "203.0.113.1" };

prepare("its own address makes it the host's, of either family", async () => {
  assert.equal(await problemsOf({ ipv4: "203.0.113.100/24", ...GATEWAY }), []);
  assert.equal(await problemsOf({ ipv6: "2001:db8:a::64/64" }), []);
});

prepare("a host without an address is compared with nothing, and refused", async () => {
  assert.equal(await problemsOf({}), ["a: nothing says that instance 100 (vmi100) is this host"]);
});

prepare("another machine's address is refused, of either family", async () => {
  assert.match(
    String(await problemsOf({ ipv4: "203.0.113.7/24", ...GATEWAY })),
    /ipv4 is 203\.0\.113\.7 here, and 203\.0/,
  );
  assert.match(String(await problemsOf({ ipv6: "2001:db8:b::7/64" })), /ipv6 is 2001:db8:b::7 here, and 2001:db8:a::/);
});

prepare.run();
