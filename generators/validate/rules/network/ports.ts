import { DYNAMIC_PORTS, PORT_OWNERS } from "../../../model/daemons.js";
import type { Finding, Rule, RuleContext } from "../../rule.js";
import { eachHost, quote } from "../support.js";

/** Ports of a host, each of which has one listener. */

function* checkServicePorts(context: RuleContext): Iterable<Finding> {
  for (const [name, { consul }] of eachHost(context)) {
    const services = (consul ? consul.services : undefined) ?? [];
    const seen = new Set<string>();
    for (const [index, service] of services.entries()) {
      const at = (key: string) => context.inputs.originsOf(name, ["consul", "services", index, key]);
      // A machine outside the fleet has ports of its own.
      const daemon = service.address === undefined ? PORT_OWNERS.get(service.port) : undefined;
      const key = `${service.name} ${service.address ?? ""} ${service.port}`;
      if (daemon !== undefined) {
        const message = `${daemon} listens on port ${service.port} already, and the service ${service.name} cannot`;
        yield {
          at: at("port"),
          message,
          hint: "move the service to another port, or remove it: Consul knows its own daemons",
        };
      } else if (seen.has(key)) {
        const message = `the service ${service.name} on port ${service.port} is registered twice`;
        yield { at: at("name"), message, hint: "remove one of them, or correct its name or port" };
      }
      seen.add(key);
    }
  }
}

export const servicePort: Rule = {
  code: "service-port",
  severity: "error",
  title: "A static service has a port of its own",
  why: "On every host Unbound, Consul and Nomad listen on their ports already, so a service cannot. The same name and port twice is one registration that overwrites the other, checks included.",
  needs: "fleet",
  check: checkServicePorts,
};

function portsFault(text: string): string | null {
  for (const part of text.split(",")) {
    const [, from = "", to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim()) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (from === "") return `${quote(part)} is neither a port nor a range`;
    if (first < 1 || last > 65535 || first > 65535) return `${part.trim()} is outside 1 to 65535`;
    if (first > last) return `the range ${part.trim()} runs backwards`;
  }
  return null;
}

function* checkReserved(context: RuleContext): Iterable<Finding> {
  for (const [name, { nomad }] of eachHost(context)) {
    const ports = nomad ? nomad.reserved?.ports : undefined;
    const message = ports === undefined ? null : portsFault(ports);
    if (message === null) continue;
    const at = context.inputs.originsOf(name, ["nomad", "reserved", "ports"]);
    yield { at, message, hint: "write ports and ranges with commas between them: 22,80,8000-8080" };
  }
}

export const reservedPorts: Rule = {
  code: "reserved-ports",
  severity: "error",
  title: "Nomad's reserved ports are a list of ports and ranges",
  why: "Nomad refuses to start a client whose `reserved_ports` it cannot read.",
  needs: "fleet",
  check: checkReserved,
};

function* checkExposed(context: RuleContext): Iterable<Finding> {
  for (const [name, { firewall, dns }] of eachHost(context)) {
    for (const protocol of ["tcp", "udp"] as const) {
      for (const [index, port] of firewall?.[protocol]?.entries() ?? []) {
        const daemon = PORT_OWNERS.get(port);
        if (daemon === undefined) continue;
        const at = context.inputs.originsOf(name, ["firewall", protocol, index]);
        const lan = port === 53 && dns?.resolver !== true ? "; for a LAN, set dns.resolver" : "";
        const hint = `remove it: roles open their ports on the mesh by themselves${lan}`;
        yield { at, message: `this opens ${daemon}, port ${port}, to the world`, hint };
      }
    }
  }
}

export const portExposed: Rule = {
  code: "port-exposed",
  severity: "warning",
  title: "Ports of Consul, Nomad and Unbound stay inside",
  why: "`firewall` opens a port on every interface. The daemons' ports are open on the mesh already; open to the world, an API invites guesses at its tokens, and a resolver takes part in attacks on others.",
  needs: "fleet",
  check: checkExposed,
};

function* checkSshPort({ inputs }: RuleContext): Iterable<Finding> {
  const port = inputs.fleet.value.deploy?.port;
  const daemon = port === undefined ? undefined : PORT_OWNERS.get(port);
  if (daemon === undefined) return;
  const message = `${daemon} listens on port ${port} already, and OpenSSH cannot`;
  yield { at: inputs.fleetOriginsOf(["deploy", "port"]), message, hint: "choose another port, or leave it at 22" };
}

export const sshPort: Rule = {
  code: "ssh-port",
  severity: "error",
  title: "OpenSSH has a port of its own",
  why: "Every host runs Unbound, and most run Consul and Nomad. If OpenSSH starts after them on one of their ports, nobody can log in any more.",
  needs: "fleet",
  check: checkSshPort,
};

/** Whether a list such as `22,8000-8080` holds the port. */
function isReserved(list: string, port: number): boolean {
  return list.split(",").some((part) => {
    const [from = "", to = from] = part.trim().split("-");
    return port >= Number(from) && port <= Number(to);
  });
}

function* checkDynamic({ fleet, inputs }: RuleContext): Iterable<Finding> {
  for (const { name, nomad, consul } of fleet.hosts.values()) {
    if (nomad?.client !== true || consul === null) continue;
    const reserved = nomad.reserved?.ports ?? "";
    for (const [index, service] of consul.services.entries()) {
      const { port, address } = service;
      if (address !== undefined || port < DYNAMIC_PORTS.from || port > DYNAMIC_PORTS.to || isReserved(reserved, port))
        continue;
      const at = inputs.originsOf(name, ["consul", "services", index, "port"]);
      const message = `Nomad may give port ${port} of the service ${service.name} to a job`;
      yield { at, message, hint: `add ${port} to nomad.reserved.ports, or move the service` };
    }
  }
}

export const portDynamic: Rule = {
  code: "port-dynamic",
  severity: "warning",
  title: "Static services stay out of the ports that Nomad hands to jobs",
  why: "Nomad gives jobs any free port from 20000 to 32000, and does not look whether something outside of it listens there. Which of the two gets the port depends on who starts first.",
  needs: "fleet",
  check: checkDynamic,
};
