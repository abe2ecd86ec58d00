import { EMPTY_LOCK } from "../generators/model/lock.js";
import { planFleet } from "../generators/plan/plan.js";
import { makeSecrets, planSecretWork } from "../generators/secrets/make/work.js";
import { FLEET, fleetOf, pi, publicHost } from "../test/support/fleets.js";

/** Makes and encrypts all secrets of a fleet in memory, for `bench.ts`. Argument: the number of hosts. */

/** Recipients whose identities nobody has. */
const ADMINS = {
  ana: { sshKeys: [], age: "age1j8u9slwemw2dgznuph84d6sytlgpxketf2w2ygrx3l765huj644su8q2fc" },
  nico: { sshKeys: [], age: "age1xufvgr67xm8gcgqdqs7f7dqlzd45mrxrngkpmgjndrejl5gel99qsrrz4s" },
};

const server = { nomad: { server: true }, consul: { server: true } };
const hosts = Array.from({ length: Number(process.argv[2]) }, (_, number) => {
  return [`host${number}`, number < 3 ? publicHost(number + 1, server) : pi("home6")] as const;
});
const mesh = { ...FLEET.mesh, ipv4: "10.64.0.0/12", topology: "hub" as const, relays: ["host0", "host1"] };
const fleet = fleetOf({ ...FLEET, admins: ADMINS, mesh }, Object.fromEntries(hosts));
const plan = planFleet(fleet, EMPTY_LOCK);
await makeSecrets(fleet, planSecretWork(fleet, plan.secrets, EMPTY_LOCK, plan.lock));
