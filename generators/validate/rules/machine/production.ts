import type { FleetInput, HostInput } from "../../../model/input.js";
import type { Finding, Rule, RuleContext } from "../../rule.js";
import { type Claim, claimsOf } from "../network/duplicates.js";
import { eachHost } from "../support.js";

/** An environment's machines against those of the fleet itself, which its files make unless it says otherwise. */

/** What exists once: addresses, guests of a Proxmox node, instances at Contabo. */
function* listClaims(context: RuleContext, { sites }: FleetInput, input: HostInput): Iterable<Claim> {
  const { site, address } = input;
  if ((input.platform === "proxmoxLxc" || input.platform === "proxmoxVm") && input.vmId !== undefined) {
    const { node, vmId } = input;
    yield { path: ["vmId"], key: `guest ${site} ${node} ${vmId}`, text: `number ${vmId} on the node ${node}` };
  }
  if (input.platform === "contaboVm" && input.instanceId !== undefined) {
    const { instanceId } = input;
    yield { path: ["instanceId"], key: `instance ${instanceId}`, text: `the Contabo instance ${instanceId}` };
  }
  // A site that has another LAN in the environment is another network.
  if (address !== undefined) yield* claimsOf(context, `${site} ${sites[site]?.lan ?? ""}`, address);
}

function* checkMachines(context: RuleContext): Iterable<Finding> {
  const { production, environment, fleet, originsOf } = context.inputs;
  if (production === null || environment === null) return;
  const owners = new Map<string, string>();
  for (const [name, input] of production.hosts) {
    for (const { key } of listClaims(context, production.fleet, input)) owners.set(key, name);
  }
  for (const [name, input] of eachHost(context)) {
    for (const { path, key, text } of listClaims(context, fleet.value, input)) {
      const owner = owners.get(key);
      if (owner === undefined) continue;
      const hint = `say in ${environment.file} what ${name} is there, by a builder; or leave it out: \`${name}: false\``;
      yield { at: originsOf(name, path), message: `${text} is ${owner} in production`, hint };
      // What else they have in common says the same of the host.
      break;
    }
  }
}

export const environmentMachine: Rule = {
  code: "environment-machine",
  severity: "warning",
  title: "A machine of an environment is none of production's",
  why: "A host that an environment does not name is as in production, with its address and its number at the provider. Whoever installs or provisions the environment then overwrites the machine that runs, or takes its traffic.",
  needs: "fleet",
  check: checkMachines,
};
