import type { FleetPlan } from "../plan/types.js";
import { renderHost } from "./host.js";
import { renderKnownHosts } from "./known-hosts.js";
import { fleetHeader, systemName, treeFolder, wayUp } from "./paths.js";
import { renderTemplate } from "./template.js";
import type { HostViews, RenderedFile } from "./types.js";
import { viewAdmins } from "./views/base.js";
import { viewAcl } from "./views/daemons/acl.js";
import { viewNames } from "./views/daemons/dns.js";
import { viewFleet } from "./views/fleet.js";

/**
 * Renders the whole generated tree in memory.
 * @param views those of `viewFleet`, where they have been made already
 * @returns files sorted by path
 */
export function renderFleet(plan: FleetPlan, views: ReadonlyMap<string, HostViews> = viewFleet(plan)): RenderedFile[] {
  const files = [renderIndex(plan), ...renderNames(plan), ...renderAcls(plan), renderKnownHosts(plan)];
  if (plan.fleet.environment === null) files.push(renderHostNames(plan), renderAdmins(plan));
  for (const [name, own] of plan.hosts) {
    const view = views.get(name);
    if (view === undefined) throw new RangeError(`no views of ${name}`);
    files.push(...renderHost(plan, own, view));
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What `flake.nix` maps to `nixosConfigurations`. */
function renderIndex({ fleet, hosts }: FleetPlan): RenderedFile {
  const entries = [...hosts.keys()].map((name) => [systemName(fleet, name), { $nix: `./${name}` }]);
  return {
    path: `${treeFolder(fleet)}/default.nix`,
    text: renderTemplate("index", { header: fleetHeader(fleet), hosts: Object.fromEntries(entries) }),
  };
}

/** Names that all hosts of a cluster answer, in one file that they share: a new host changes it once. */
function renderNames(plan: FleetPlan): RenderedFile[] {
  return [...plan.clusters.keys()].map((cluster) => ({
    path: `${treeFolder(plan.fleet)}/names-${cluster}.nix`,
    text: renderTemplate("names", { header: fleetHeader(plan.fleet), names: viewNames(plan, cluster) }),
  }));
}

/** Policies and tokens, in one file that a cluster's Consul servers share. */
function renderAcls({ fleet, clusters }: FleetPlan): RenderedFile[] {
  const folder = treeFolder(fleet);
  return [...clusters].flatMap(([cluster, { acl }]) => {
    if (acl === null) return [];
    const text = renderTemplate("acl", { header: fleetHeader(fleet), ...viewAcl(acl, wayUp(folder)) });
    return [{ path: `${folder}/acl-${cluster}.nix`, text }];
  });
}

/** The admins' accounts, for images that belong to no host. */
function renderAdmins({ fleet }: FleetPlan): RenderedFile {
  const context = { header: fleetHeader(fleet), ...viewAdmins(fleet) };
  return { path: `${treeFolder(fleet)}/admins.nix`, text: renderTemplate("admins", context) };
}

/** Host names for the editor, merged into the public API's `HostNames`. */
function renderHostNames({ fleet, hosts }: FleetPlan): RenderedFile {
  const names = [...hosts.keys()]
    .map((name) => `    ${name.includes("-") || /^[0-9]/.test(name) ? JSON.stringify(name) : name}: true;\n`)
    .join("");
  return {
    path: `${treeFolder(fleet)}/names.d.ts`,
    text: `${fleetHeader(fleet, "//")}
import "meshflake";

declare module "meshflake" {
  interface HostNames {
${names}  }
}
`,
  };
}
