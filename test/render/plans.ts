import type { FleetInput, HostInput } from "../../generators/model/input.js";
import type { HostPlan } from "../../generators/plan/types.js";
import type { HostViews } from "../../generators/render/types.js";
import { type BaseView, viewBase } from "../../generators/render/views/base.js";
import { viewHost } from "../../generators/render/views/fleet.js";
import { FLEET, planOf } from "../support/fleets.js";

/** Plans and views of fleets with a single host, named `host`. */

export function ownOf(hosts: ReadonlyMap<string, HostPlan>, name: string): HostPlan {
  const own = hosts.get(name);
  if (own === undefined) throw new Error(`no ${name}`);
  return own;
}

export function hostOf(input: HostInput, fleet: FleetInput = FLEET): HostPlan {
  return ownOf(planOf(fleet, { host: input }).hosts, "host");
}

export function viewOf(input: HostInput, fleet: FleetInput = FLEET): HostViews {
  return viewHost(planOf(fleet, { host: input }), "host");
}

export function baseOf(input: HostInput, fleet: FleetInput = FLEET): BaseView {
  const plan = planOf(fleet, { host: input });
  return viewBase(plan, ownOf(plan.hosts, "host"));
}
