import type { Host, HostNomad } from "../../../model/fleet.js";
import type { NixTree } from "../../../model/input.js";
import type { Driver } from "../../../model/vocabulary.js";
import type { HostPlan } from "../../../plan/types.js";
import { viewAutopilot } from "./autopilot.js";
import { RETRY_INTERVAL } from "./consul.js";
import { RAFT_MULTIPLIER } from "./raft.js";

/** Nomad: `services.nomad`. Keys inside `settings` are Nomad's own. */

/** Packages that a driver needs in the agent's search path. */
const DRIVER_PACKAGES: Readonly<Record<Driver, string | null>> = {
  docker: null,
  exec: null,
  raw_exec: null,
  java: "pkgs.jre_headless",
  qemu: "pkgs.qemu",
};

/** Asking a cloud's metadata service costs seconds on machines that are in none. */
const CLOUD_FINGERPRINTERS = "env_aws,env_gce,env_azure,env_digitalocean";

/** `modules/services/nomad.nix` links the plugins there. A path of the store would restart Nomad with every release of theirs. */
const CNI_FOLDER = "/etc/cni/bin";

function viewPlugins(drivers: readonly Driver[]): NixTree {
  const plugins: Partial<Record<Driver, NixTree>> = {
    // Nomad's default for `volumes`, off, stays: a job that mounts any folder of the host is root on it. `hostVolumes` name some.
    docker: { config: { allow_privileged: false } },
    raw_exec: { config: { enabled: true } },
    qemu: { config: { image_paths: ["/var/lib/nomad/images"] } },
  };
  return Object.fromEntries(
    drivers.flatMap((driver) => {
      const plugin = plugins[driver];
      return plugin === undefined ? [] : [[driver, plugin]];
    }),
  );
}

function viewVolumes({ hostVolumes, hostNetworks, reserved }: HostNomad): NixTree {
  const volumes = Object.entries(hostVolumes ?? {}).map(([name, { path, readOnly = false }]) => [
    name,
    { path, read_only: readOnly },
  ]);
  const networks = Object.entries(hostNetworks ?? {}).map(([name, network]) => [name, { ...network }]);
  return {
    ...(volumes.length > 0 && { host_volume: Object.fromEntries(volumes) as NixTree }),
    ...(networks.length > 0 && { host_network: Object.fromEntries(networks) as NixTree }),
    ...(reserved !== undefined && { reserved: viewReserved(reserved) }),
  };
}

function viewReserved({ ports, ...amounts }: NonNullable<HostNomad["reserved"]>): NixTree {
  return { ...amounts, ...(ports !== undefined && { reserved_ports: ports }) };
}

function viewClient(nomad: HostNomad, join: readonly string[], meshIp: string): NixTree {
  const servers = nomad.server ? [meshIp, ...join] : [...join];
  return {
    enabled: true,
    network_interface: "mesh",
    node_pool: nomad.nodePool,
    ...(nomad.nodeClass !== undefined && { node_class: nomad.nodeClass }),
    ...(nomad.meta !== undefined && { meta: nomad.meta }),
    server_join: { retry_join: servers, retry_interval: RETRY_INTERVAL },
    cni_path: CNI_FOLDER,
    ...viewVolumes(nomad),
    options: { "fingerprint.denylist": CLOUD_FINGERPRINTERS },
  };
}

function viewSettings(own: HostPlan, host: Host, nomad: HostNomad): NixTree {
  const { mesh, nomad: plan, consul } = own;
  if (plan === null) return {};
  const plugins = viewPlugins(nomad.drivers);
  return {
    name: host.name,
    region: plan.region,
    datacenter: plan.datacenter,
    bind_addr: mesh.ip,
    addresses: { http: `127.0.0.1 ${mesh.ip}` },
    advertise: { http: mesh.ip, rpc: mesh.ip, serf: mesh.ip },
    leave_on_interrupt: false,
    leave_on_terminate: false,
    disable_update_check: true,
    ...(plan.server && {
      server: {
        enabled: true,
        ...(plan.bootstrapExpect !== undefined && { bootstrap_expect: plan.bootstrapExpect }),
        raft_multiplier: RAFT_MULTIPLIER,
        server_join: { retry_join: [...plan.join], retry_interval: RETRY_INTERVAL },
      },
    }),
    ...viewAutopilot(plan.bootstrapExpect),
    ...(plan.client && { client: viewClient(nomad, plan.join, mesh.ip) }),
    ...(Object.keys(plugins).length > 0 && { plugin: plugins }),
    ...(consul !== null && { consul: { address: "127.0.0.1:8500" } }),
    acl: { enabled: true },
    telemetry: {
      disable_hostname: true,
      prometheus_metrics: true,
      publish_allocation_metrics: true,
      publish_node_metrics: true,
    },
  };
}

/** @returns the value of `services.nomad`, or null where the host has no Nomad */
export function viewNomad(own: HostPlan): NixTree | null {
  const { host } = own;
  if (own.nomad === null || host.nomad === null) return null;
  const { client, drivers } = host.nomad;
  const packages = [
    // Envoy's configuration, for service meshes, comes from Consul's command.
    ...(client && own.consul !== null ? ["pkgs.consul"] : []),
    ...drivers.flatMap((driver) => DRIVER_PACKAGES[driver] ?? []),
  ];
  return {
    enable: true,
    // Drivers make cgroups, mounts and network namespaces, which takes root.
    ...(client && { dropPrivileges: false }),
    enableDocker: drivers.includes("docker"),
    ...(packages.length > 0 && { extraPackages: packages.map(($nix) => ({ $nix })) }),
    settings: viewSettings(own, host, host.nomad),
  };
}
