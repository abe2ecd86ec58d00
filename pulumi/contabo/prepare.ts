import type { Fleet } from "../../generators/model/fleet.js";
import { Cidr } from "../../generators/model/net.js";
import type { Problem } from "../../generators/model/problem.js";
import { hostProblem, stackProblem } from "../checks/problem.js";
import { ContaboMachine } from "../components/contabo.js";
import type { Provider } from "../machines.js";
import type { CloudView, ContaboView } from "../plan/types.js";
import type { ContaboSettings } from "../settings.js";
import { type Environment, readAccount, readEndpoints } from "./api/account.js";
import { createClient, PACE } from "./api/client.js";
import { ContaboError } from "./api/error.js";
import { type ContaboInstance, type ContaboInstances, createInstances } from "./api/instances.js";

/** Looks at the instances of a fleet, and checks that they are the ones that the host files mean. */

/** @param env has the account; see {@link readAccount} */
export async function prepareContabo(
  fleet: Fleet,
  view: CloudView,
  settings: ContaboSettings,
  env: Environment = process.env,
): Promise<Provider<ContaboView>> {
  const machines = view.machines.filter((machine): machine is ContaboView => machine.platform === "contaboVm");
  return {
    problems: [...checkSettings(fleet, machines, settings), ...(await checkMachines(fleet, machines, env))],
    // A host in the rescue system was sent there by name: one at a time.
    interrupted: machines.filter(({ host }) => host === settings.rescue).map(({ host }) => host),
    open: () => (machine, after) => {
      const { output, instance } = new ContaboMachine(machine, view.environment, settings, { dependsOn: [...after] });
      return { output, resource: instance };
    },
  };
}

function checkSettings(fleet: Fleet, machines: readonly ContaboView[], { image, rescue }: ContaboSettings): Problem[] {
  const replaced = machines.filter(({ guard }) => guard === "replaced");
  const unknown = rescue !== null && !machines.some(({ host }) => host === rescue);
  return [
    ...replaced.flatMap(({ host }) => {
      if (image !== null) return [];
      const hint =
        "pulumi config set meshflake:contaboImage UUID, of the custom image that node_modules/meshflake/docs/install/contabo.md makes; or install it over SSH: meshflake install";
      return [hostProblem(fleet, host, [], "there is no image to reinstall it with", hint)];
    }),
    ...(unknown
      ? [
          stackProblem(
            `the setting meshflake:contaboRescue names ${rescue}, which is no instance`,
            "name a Contabo host",
          ),
        ]
      : []),
  ];
}

async function checkMachines(fleet: Fleet, machines: readonly ContaboView[], env: Environment): Promise<Problem[]> {
  try {
    const account = readAccount(env);
    const instances = createInstances(createClient({ account, endpoints: readEndpoints(env), pace: PACE }));
    // One after the other: the first answer already says whether the account is right.
    const problems: Problem[] = [];
    for (const machine of machines) problems.push(...(await checkMachine(fleet, machine, instances)));
    return problems;
  } catch (error) {
    if (error instanceof ContaboError) return [stackProblem(error.what, error.hint)];
    throw error;
  }
}

async function checkMachine(fleet: Fleet, machine: ContaboView, instances: ContaboInstances): Promise<Problem[]> {
  try {
    return compare(fleet, machine, await instances.get(machine.instanceId));
  } catch (error) {
    if (!(error instanceof ContaboError) || error.fault !== "missing") throw error;
    const what = `Contabo has no instance ${machine.instanceId}, or not for this account`;
    return [hostProblem(fleet, machine.host, ["instanceId"], what, error.hint)];
  }
}

/** A number that is mistyped may be another machine of the same account, which must not be switched or erased. */
function compare(fleet: Fleet, machine: ContaboView, found: ContaboInstance): Problem[] {
  const { ipv4 = null, ipv6 = null } = addressesOf(fleet, machine);
  if (ipv4 === null && ipv6 === null) {
    const what = `nothing says that instance ${found.id} (${found.name}) is this host`;
    const hint = "write its `address.ipv4` or `address.ipv6` as the customer panel shows it";
    return [hostProblem(fleet, machine.host, ["instanceId"], what, hint)];
  }
  const pairs = [
    [["region"], machine.region, found.region, machine.region === found.region],
    [["product"], machine.product, found.product, machine.product === found.product],
    [["address", "ipv4"], ipv4, found.ipv4?.ip ?? "none", found.ipv4?.ip === ipv4],
    // An instance has a network, of which its host may have any address.
    [["address", "ipv6"], ipv6, found.ipv6?.ip ?? "none", ipv6 !== null && networkOf(found)?.contains(ipv6) === true],
  ] as const;
  return pairs.flatMap(([path, wanted, is, isSame]) => {
    if (wanted === null || isSame) return [];
    const what = `${path.at(-1)} is ${wanted} here, and ${is} at instance ${found.id} (${found.name})`;
    return [hostProblem(fleet, machine.host, path, what, "correct it, or `instanceId`")];
  });
}

/** Of the host file, or as an earlier update found them. */
function addressesOf(fleet: Fleet, { host }: ContaboView): { readonly ipv4?: string; readonly ipv6?: string } {
  const { ipv4, ipv6, public4, public6 } = fleet.hosts.get(host)?.address ?? {};
  const [own4, own6] = [ipv4?.address ?? public4, ipv6?.address ?? public6];
  return { ...(own4 !== undefined && { ipv4: own4 }), ...(own6 !== undefined && { ipv6: own6 }) };
}

function networkOf({ ipv6 }: ContaboInstance): Cidr | null {
  return ipv6 === undefined ? null : Cidr.parse(`${ipv6.ip}/${ipv6.prefix}`);
}
