import type { ConsulCheckInput, ConsulServiceInput, NixTree } from "../../../model/input.js";
import type { HostPlan } from "../../../plan/types.js";
import { viewAutopilot } from "./autopilot.js";
import { RAFT_MULTIPLIER } from "./raft.js";

/** Consul: `services.consul`. Keys inside `extraConfig` are Consul's own. */

/** How often an agent without a cluster tries to join, a third of Consul's and Nomad's default: the mesh comes up quickly. */
export const RETRY_INTERVAL = "10s";
const CHECK_INTERVAL = "30s";
const CHECK_TIMEOUT = "5s";

function viewCheck(check: ConsulCheckInput): NixTree {
  const name: NixTree = check.name === undefined ? {} : { name: check.name };
  if (check.ttl !== undefined) return { ...name, ttl: check.ttl };
  return {
    ...name,
    ...(check.http !== undefined && { http: check.http }),
    ...(check.http !== undefined && check.method !== undefined && { method: check.method }),
    ...(check.http !== undefined && check.tlsSkipVerify === true && { tls_skip_verify: true }),
    ...(check.tcp !== undefined && { tcp: check.tcp }),
    ...(check.args !== undefined && { args: [...check.args] }),
    interval: check.interval ?? CHECK_INTERVAL,
    timeout: check.timeout ?? CHECK_TIMEOUT,
  };
}

function viewService(service: ConsulServiceInput): NixTree {
  return {
    name: service.name,
    ...(service.address !== undefined && { address: service.address }),
    port: service.port,
    ...(service.tags !== undefined && { tags: [...service.tags] }),
    ...(service.meta !== undefined && { meta: service.meta }),
    ...(service.checks !== undefined && { checks: service.checks.map(viewCheck) }),
  };
}

/** Servers leave only when told to; an agent leaves when it stops, so that its services go from DNS at once. */
function viewRole(server: boolean, bootstrapExpect: number | undefined): NixTree {
  return {
    server,
    ...(bootstrapExpect !== undefined && { bootstrap_expect: bootstrapExpect }),
    leave_on_terminate: !server,
    skip_leave_on_interrupt: server,
  };
}

/** @returns the value of `services.consul`, or null where the host has no Consul */
export function viewConsul(own: HostPlan): NixTree | null {
  const { consul, host, mesh } = own;
  if (consul === null || host.consul === null) return null;
  const { services, meta } = host.consul;
  const scripts = services.some(({ checks }) => checks?.some(({ args }) => args !== undefined));
  return {
    enable: true,
    ...(consul.server && { webUi: true }),
    extraConfig: {
      datacenter: consul.datacenter,
      node_name: host.name,
      ...viewRole(consul.server, consul.bootstrapExpect),
      ...viewAutopilot(consul.bootstrapExpect),
      ...(consul.server && { performance: { raft_multiplier: RAFT_MULTIPLIER } }),
      bind_addr: mesh.ip,
      advertise_addr: mesh.ip,
      client_addr: `127.0.0.1 ${mesh.ip}`,
      retry_join: [...consul.join],
      retry_interval: RETRY_INTERVAL,
      // Nobody gossips over WANs here; gRPC is for Envoy, which Nomad starts for service meshes.
      ports: { ...(consul.server && { serf_wan: -1 }), grpc: 8502 },
      ...(consul.server && { connect: { enabled: true } }),
      acl: { enabled: true, default_policy: "deny" },
      encrypt_verify_incoming: true,
      encrypt_verify_outgoing: true,
      dns_config: { enable_truncate: true, node_ttl: "30s", service_ttl: { "*": "5s" } },
      telemetry: { disable_hostname: true, prometheus_retention_time: "10m" },
      disable_update_check: true,
      ...(scripts && { enable_local_script_checks: true }),
      ...(meta !== undefined && { node_meta: meta }),
      ...(services.length > 0 && { services: services.map(viewService) }),
    },
  };
}
