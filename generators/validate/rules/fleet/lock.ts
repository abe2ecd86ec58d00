import { isWithin } from "../../../model/net.js";
import { FAMILIES } from "../../../model/vocabulary.js";
import type { Finding, Rule, RuleContext } from "../../rule.js";
import { parseFamily } from "../network/literals.js";
import { FAMILY_NAME } from "../network/notation.js";
import { atLock, quote } from "../support.js";
import { identityFault, isWireguardKey } from "./keys.js";
import { checkIdsTwice, checkSecretValues } from "./lock-secrets.js";

/** What the lock keeps, in case that a merge or a hand changed it. */

const RESTORE = "restore the line from git; generate never changes it";

function* checkValues(context: RuleContext): Iterable<Finding> {
  const { hosts, devices = {} } = context.inputs.lock;
  for (const [name, { mesh }] of Object.entries(devices)) {
    if (mesh === undefined || parseFamily(context, mesh) === "ipv4") continue;
    const at = atLock(context, "devices", name, "mesh");
    yield { at, message: `${quote(mesh)} is not an IPv4 address`, hint: RESTORE };
  }
  for (const [name, { mesh, wireguard, age, facts }] of Object.entries(hosts)) {
    const at = (...path: string[]) => atLock(context, "hosts", name, ...path);
    if (mesh !== undefined && parseFamily(context, mesh) !== "ipv4") {
      yield { at: at("mesh"), message: `${quote(mesh)} is not an IPv4 address`, hint: RESTORE };
    }
    if (wireguard !== undefined && !isWireguardKey(wireguard)) {
      yield { at: at("wireguard"), message: `${quote(wireguard)} is no WireGuard key`, hint: RESTORE };
    }
    const fault = age === undefined ? null : identityFault(age);
    if (fault !== null) yield { at: at("age"), message: `${quote(age ?? "")} ${fault}`, hint: RESTORE };
    for (const family of FAMILIES) {
      const fact = facts?.[family];
      if (fact === undefined || parseFamily(context, fact) === family) continue;
      const hint = "run meshflake sync, which writes the provider's answer here";
      yield { at: at("facts", family), message: `${quote(fact)} is not an ${FAMILY_NAME[family]} address`, hint };
    }
  }
  yield* checkSecretValues(context);
}

export const lockValue: Rule = {
  code: "lock-value",
  severity: "error",
  title: "The lock's addresses and keys are whole",
  why: "The lock is written by meshflake alone, and merged by git. A value that was cut or mixed up there would end up on every host.",
  needs: "fleet",
  check: checkValues,
};

/** What follows once an entry of the lock was removed. */
const AFTER: Readonly<Record<"mesh" | "wireguard" | "age" | "ssh", (name: string) => string>> = {
  mesh: () => "",
  wireguard: (name) => `. ${name}'s secret key is made anew as well, and every peer has to learn the new one`,
  age: (name) =>
    `. All of ${name}'s secrets are made anew as well, and it cannot read them before it has its new identity`,
  ssh: (name) => `. ${name} is known by the new key once it has been rolled out`,
};

function* checkTwice(context: RuleContext): Iterable<Finding> {
  const { hosts, devices = {} } = context.inputs.lock;
  const owners = {
    mesh: new Map<string, string>(),
    wireguard: new Map<string, string>(),
    age: new Map<string, string>(),
    ssh: new Map<string, string>(),
  };
  const claim = function* (
    kind: keyof typeof owners,
    text: string | undefined,
    name: string,
    path: string[],
  ): Iterable<Finding> {
    if (text === undefined) return;
    const owner = owners[kind].get(text);
    if (owner === undefined) {
      owners[kind].set(text, name);
      return;
    }
    const message = `${kind === "mesh" ? `the mesh address ${text}` : `this ${kind} key`} is ${owner}'s too`;
    const hint = `remove ${path.at(-1)} there, and generate makes a new one; ${owner} keeps its own${AFTER[kind](name)}`;
    yield { at: atLock(context, ...path), message, hint };
  };
  for (const [name, { mesh, wireguard, age, ssh }] of Object.entries(hosts)) {
    yield* claim("mesh", mesh, name, ["hosts", name, "mesh"]);
    yield* claim("wireguard", wireguard, name, ["hosts", name, "wireguard"]);
    yield* claim("age", age, name, ["hosts", name, "age"]);
    yield* claim("ssh", ssh, name, ["hosts", name, "ssh"]);
  }
  for (const [name, { mesh }] of Object.entries(devices)) {
    yield* claim("mesh", mesh, `device ${name}`, ["devices", name, "mesh"]);
  }
  yield* checkIdsTwice(context);
}

export const lockTwice: Rule = {
  code: "lock-twice",
  severity: "error",
  title: "The lock gives every address and key to one host",
  why: "Two branches that add a host each can be merged without a conflict. Two hosts with one address or key take each other's traffic, two with one age identity read each other's secrets, and of two tokens with one id Consul keeps one.",
  needs: "fleet",
  check: checkTwice,
};

function* checkGone(context: RuleContext): Iterable<Finding> {
  const { inputs } = context;
  const folder = inputs.environment === null ? "secrets" : `secrets/environments/${inputs.environment.name}`;
  for (const name of Object.keys(inputs.lock.hosts)) {
    if (inputs.hosts.has(name) || inputs.hostNames.has(name)) continue;
    const hint = `generate removes it, with its keys. Bring its file back to keep them; if that was renamed, rename this one as well, and \`git mv ${folder}/${name} ${folder}/NEW\``;
    yield { at: atLock(context, "hosts", name), message: `the lock has a host ${name}, and the fleet has none`, hint };
  }
  const devices = inputs.fleet.value.devices ?? {};
  for (const name of Object.keys(inputs.lock.devices ?? {})) {
    if (name in devices) continue;
    const message = `the lock has a device ${name}, and the fleet has none`;
    const hint = "generate removes it; to keep the device's address, bring its entry back first";
    yield { at: atLock(context, "devices", name), message, hint };
  }
}

export const lockGone: Rule = {
  code: "lock-gone",
  severity: "warning",
  title: "The lock has no host that is gone",
  why: "A host whose file was removed or renamed loses its address and its keys with the next `generate`. That is right for a host that is gone, and a surprise for one whose file was renamed.",
  needs: "fleet",
  check: checkGone,
};

function* checkOutside(context: RuleContext): Iterable<Finding> {
  const { inputs, fleet } = context;
  for (const { name, cluster, mesh } of fleet.hosts.values()) {
    const locked = inputs.lock.hosts[name]?.mesh;
    const range = fleet.clusters.get(cluster)?.mesh.ipv4;
    // A pinned address replaces the locked one, and has a rule of its own.
    if (locked === undefined || mesh.ip !== undefined || parseFamily(context, locked) !== "ipv4") continue;
    if (range === undefined || isWithin(range, locked)) continue;
    const message = `${locked} is outside the mesh of ${cluster}, ${range.network}`;
    const hint = `put the mesh's old range back; or remove mesh there, and generate gives ${name} a new address. Its keys stay`;
    yield { at: atLock(context, "hosts", name, "mesh"), message, hint };
  }
}

export const lockOutside: Rule = {
  code: "lock-outside",
  severity: "error",
  title: "Addresses in the lock lie in the mesh",
  why: "An address, once given, stays until the host is removed: others join it by that literal address. A mesh whose range changed, or a host that moved to another cluster, would move it without anybody having said so.",
  needs: "fleet",
  check: checkOutside,
};
