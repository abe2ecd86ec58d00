import type { Finding, Rule, RuleContext } from "../../rule.js";

/** Nomad in a Proxmox container. */

function* eachLxcClient({ fleet }: RuleContext) {
  for (const { name, nomad, input } of fleet.hosts.values()) {
    if (input.platform === "proxmoxLxc" && nomad?.client === true) yield { name, nomad, input };
  }
}

function* checkClients(context: RuleContext): Iterable<Finding> {
  for (const { name } of eachLxcClient(context)) {
    const message = "Nomad's maintainers do not support clients in a container";
    const hint = "run jobs in a VM (proxmoxVm), and let the container be a server or run services of its own";
    yield { at: context.inputs.originsOf(name, ["nomad", "client"]), message, hint };
  }
}

export const lxcClient: Rule = {
  code: "lxc-client",
  severity: "warning",
  title: "A Nomad client does not run in an LXC",
  why: "A client wants to manage cgroups, mounts and network namespaces, which a container shares with its node. Some drivers work, others fail when a job starts. Hence `client` is off by default on an LXC.",
  needs: "fleet",
  check: checkClients,
};

function* checkDrivers(context: RuleContext): Iterable<Finding> {
  for (const { name, nomad, input } of eachLxcClient(context)) {
    const written = input.nomad ? input.nomad.drivers : undefined;
    const at = (driver: "docker" | "exec") => {
      const path = written === undefined ? ["client"] : ["drivers", written.indexOf(driver)];
      return context.inputs.originsOf(name, ["nomad", ...path]);
    };
    if (nomad.drivers.includes("exec")) {
      const message = "the exec driver does not work in a container";
      const hint = 'leave it out of nomad.drivers, e.g. ["docker"] or ["raw_exec"]';
      yield { at: at("exec"), message, hint };
    }
    if (nomad.drivers.includes("docker") && input.features?.nesting !== true) {
      const message = "Docker in a container needs features.nesting";
      const hint = "set features: { nesting: true, keyctl: true }, or use a VM (proxmoxVm)";
      yield { at: at("docker"), message, hint };
    }
  }
}

export const lxcDriver: Rule = {
  code: "lxc-driver",
  severity: "error",
  title: "A Nomad client in an LXC has only drivers that work there",
  why: "`exec` builds a chroot with cgroups and mounts of its own, and fails in a container when the first job starts. Docker runs only where the container may nest others, which has to be said, since it weakens the wall between container and node.",
  needs: "fleet",
  check: checkDrivers,
};
