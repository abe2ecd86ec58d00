import type { NixTree } from "../model/input.js";
import type { Platform } from "../model/vocabulary.js";
import type { FleetPlan, HostPlan } from "../plan/types.js";
import { printArguments } from "./nix/arguments.js";
import { printPath } from "./nix/nix-text.js";
import { hostHeader, treeFolder, wayUp } from "./paths.js";
import { renderTemplate } from "./template.js";
import type { HostViews, MeshView, NetworkView, RenderedFile } from "./types.js";
import { viewBase } from "./views/base.js";
import { viewDocker, viewFolders } from "./views/daemons/containers.js";
import { viewBirdOptions, viewConsulUnit, viewNomadUnit, viewUnboundUnit } from "./views/daemons/units.js";
import { viewClamp, viewReresolve, viewReresolveTimer, viewUntracked } from "./views/network/tools.js";
import { viewSecrets } from "./views/secrets.js";

/** The parts of a host's files: option trees from the root, by file and by the name that its template gives them. */

/** A tree of options; views are readonly, so nothing says `NixTree`. */
export type Part = object | null;
export type FileParts = Readonly<Record<string, Part>>;

/** The files of `modules/platforms`. */
const PLATFORM_FILES: Readonly<Record<Platform, string>> = {
  raspberryPi: "raspberry-pi",
  proxmoxLxc: "proxmox-lxc",
  proxmoxVm: "proxmox-vm",
  hetznerVm: "hetzner-vm",
  contaboVm: "contabo-vm",
  bareMetal: "bare-metal",
};

function lines(rules: readonly string[]): string {
  return rules.map((rule) => `${rule}\n`).join("");
}

function networkParts({ netdevs, networks, firewall, nameservers }: NetworkView, search: string): FileParts {
  const { interfaces, filterForward, extraForwardRules, extraInputRules, checkReversePath, ...world } = firewall;
  const hosts = nameservers.map((address) => `nameserver ${address}\n`).join("");
  return {
    uplink: {
      systemd: {
        network: {
          ...(Object.keys(netdevs).length > 0 && { netdevs }),
          networks,
          // A second network card that nobody plugged in must not hold up the boot.
          "wait-online": { anyInterface: true },
        },
      },
    },
    networking: {
      networking: {
        useNetworkd: true,
        useDHCP: false,
        nftables: { enable: true },
        firewall: {
          ...world,
          interfaces,
          ...(filterForward && { filterForward }),
          ...(extraForwardRules.length > 0 && { extraForwardRules: lines(extraForwardRules) }),
          ...(extraInputRules.length > 0 && { extraInputRules: lines(extraInputRules) }),
          ...(checkReversePath !== true && { checkReversePath }),
        },
        resolvconf: { enable: false },
      },
    },
    resolver: {
      services: { resolved: { enable: false } },
      environment: { etc: { "resolv.conf": { text: `${hosts}search ${search}\noptions edns0 trust-ad\n` } } },
    },
  };
}

function meshParts(view: MeshView, own: HostPlan): FileParts {
  const { netdevs, networks, sysctl, bird } = view;
  // networkd would take BIRD's routes for somebody's mistake, and remove them when it starts again.
  const keepRoutes = { config: { networkConfig: { ManageForeignRoutes: false } } };
  const routed = bird !== null && bird.statics.length > 0;
  return {
    interfaces: { systemd: { network: { ...(routed && keepRoutes), netdevs, networks } } },
    sysctl: Object.keys(sysctl).length > 0 ? { boot: { kernel: { sysctl } } } : null,
    bird: bird === null ? null : viewBirdOptions(bird),
    reresolve: viewReresolve(view),
    timer: viewReresolveTimer(view),
    untracked: viewUntracked(own),
    clamp: viewClamp(own),
  };
}

/** Everything that a host's files set, by file; a file that the host does not need is missing. */
export function hostParts(plan: FleetPlan, own: HostPlan, views: HostViews): ReadonlyMap<string, FileParts> {
  const { fleet } = plan;
  const { host } = own;
  const up = wayUp(`${treeFolder(fleet)}/${host.name}`);
  const parts = new Map<string, FileParts>([
    ["base", { ...viewBase(plan, own) }],
    ["network", networkParts(views.network, `mesh.${fleet.domain}`)],
    ["mesh", meshParts(views.mesh, own)],
    ["dns", { unbound: { services: { unbound: views.dns } }, unit: viewUnboundUnit() }],
    ["secrets", { secrets: viewSecrets(own, up) }],
  ]);
  if (views.consul !== null) {
    parts.set("consul", { consul: { services: { consul: views.consul } }, unit: viewConsulUnit() });
  }
  if (views.nomad !== null) {
    const nomad = { services: { nomad: views.nomad } };
    parts.set("nomad", {
      nomad,
      docker: viewDocker(own),
      folders: viewFolders(own),
      unit: viewNomadUnit(own.consul !== null, own.containers?.docker === true),
    });
  }
  if (Object.keys(host.nixos).length > 0) parts.set("options", { options: host.nixos });
  return parts;
}

const FILE_ORDER = ["base", "network", "mesh", "consul", "nomad", "dns", "secrets", "options"];

/** The files of `modules/services` that a host needs, beside those that all have. */
function servicesOf({ consul, nomad }: HostPlan): string[] {
  return [
    ...(consul === null ? [] : ["consul"]),
    ...(consul?.gossip === "servers" ? ["consul-welcome"] : []),
    ...(consul?.installs ? ["consul-setup"] : []),
    ...(nomad === null ? [] : ["nomad"]),
    ...(nomad?.installs ? ["nomad-setup"] : []),
  ];
}

function importsOf(own: HostPlan, files: ReadonlySet<string>, up: string): NixTree[] {
  const { input, disks, imports, cluster } = own.host;
  const module = (file: string) => ({ $nix: printPath(up, file) });
  const shared = (file: string) => ({ $nix: `${up.slice("../".length)}/${file}.nix` });
  return [
    ...(input.platform === "raspberryPi"
      ? [{ $nix: `inputs.nixos-hardware.nixosModules.raspberry-pi-${input.model}` }]
      : []),
    shared(`platforms/${PLATFORM_FILES[input.platform]}`),
    ...["common", "identity", "unbound", ...servicesOf(own)].map((name) => shared(`services/${name}`)),
    ...FILE_ORDER.filter((file) => files.has(file)).map((file) => ({ $nix: `./${file}.nix` })),
    ...(own.consul?.installs ? [{ $nix: `../acl-${cluster}.nix` }] : []),
    ...(typeof disks === "string" ? [module(disks)] : []),
    ...imports.map(module),
  ];
}

/** The parts of a file that may hold expressions; looking for them in a thousand peers would take longer than printing. */
function expressionsOf(file: string, context: FileParts): readonly Part[] {
  switch (file) {
    case "network":
    case "secrets":
      return [];
    case "mesh":
      return [context.bird ?? null, context.reresolve ?? null];
    default:
      return Object.values(context);
  }
}

/** All files of a host. */
export function renderHost(plan: FleetPlan, own: HostPlan, views: HostViews): RenderedFile[] {
  const folder = `${treeFolder(plan.fleet)}/${own.host.name}`;
  const header = hostHeader(plan.fleet, own.host);
  const parts = hostParts(plan, own, views);
  const imports = importsOf(own, new Set(parts.keys()), wayUp(folder));
  const files = [...parts].map(([file, context]) => ({
    path: `${folder}/${file}.nix`,
    text: renderTemplate(file, {
      ...context,
      header,
      arguments: printArguments(...expressionsOf(file, context)),
      ...(file === "dns" && { imports: [{ $nix: `../names-${own.host.cluster}.nix` }] }),
    }),
  }));
  const text = renderTemplate("default", { header, imports, arguments: printArguments(imports) });
  return [{ path: `${folder}/default.nix`, text }, ...files];
}
