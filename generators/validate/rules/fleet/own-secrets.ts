import type { SecretInput, SharedSecretInput } from "../../../model/input.js";
import type { Origin, ValuePath } from "../../../model/problem.js";
import { CLUSTER_SECRETS, HOST_SECRETS } from "../../../model/secrets.js";
import type { Finding, Rule, RuleContext } from "../../rule.js";
import { eachHost, quote, suggestOr } from "../support.js";

/** Secrets that a person declares: their names, their files on the host, and who shares them. */

interface Declared {
  readonly name: string;
  readonly input: SecretInput;
  /** Where a value of it is written. */
  readonly at: (...path: ValuePath) => readonly Origin[];
}

interface Shared extends Declared {
  readonly input: SharedSecretInput;
  /** The cluster that declares it; null for the fleet. */
  readonly cluster: string | null;
}

function* eachShared({ inputs }: RuleContext): Iterable<Shared> {
  const { secrets = {}, clusters = {} } = inputs.fleet.value;
  const scopes = [
    { cluster: null, path: ["secrets"], secrets },
    ...Object.entries(clusters).map(([cluster, own]) => ({
      cluster,
      path: ["clusters", cluster, "secrets"],
      secrets: own.secrets ?? {},
    })),
  ];
  for (const { cluster, path, secrets: declared } of scopes) {
    for (const [name, input] of Object.entries(declared)) {
      yield { name, input, cluster, at: (...rest) => inputs.fleetOriginsOf([...path, name, ...rest]) };
    }
  }
}

function* eachDeclared(context: RuleContext): Iterable<Declared> {
  yield* eachShared(context);
  for (const [host, { secrets = {} }] of eachHost(context)) {
    for (const [name, input] of Object.entries(secrets)) {
      yield { name, input, at: (...path) => context.inputs.originsOf(host, ["secrets", name, ...path]) };
    }
  }
}

/** A file's name on every system, and an attribute of `age.secrets` as it is. */
const NAME = /^[a-z0-9_][a-z0-9._-]{0,63}$/;
/** Names under `/run/agenix` and in `secrets/` that meshflake uses itself. */
const TAKEN: ReadonlySet<string> = new Set([...HOST_SECRETS, ...CLUSTER_SECRETS, "tokens"]);

function* checkNames(context: RuleContext): Iterable<Finding> {
  for (const { name, at } of eachDeclared(context)) {
    if (TAKEN.has(name)) {
      const hint = "choose another name, such as that of the service that reads it";
      yield { at: at(), message: `the name ${quote(name)} is taken by what meshflake makes itself`, hint };
    } else if (!NAME.test(name)) {
      const hint = "use lower-case letters, digits, -, _ and dots, at most 64, with a letter, digit or _ at the start";
      yield { at: at(), message: `${quote(name)} cannot be the name of a secret`, hint };
    }
  }
  for (const { name: host, cluster, secrets } of context.fleet.hosts.values()) {
    const shared = context.fleet.clusters.get(cluster)?.secrets ?? {};
    for (const name of Object.keys(secrets)) {
      if (!(Object.hasOwn(shared, name) && shared[name]?.hosts.includes(host))) continue;
      const message = `${host} shares a secret ${quote(name)} with its cluster ${cluster} already`;
      const hint = `rename one of them, or name the hosts of the shared one without ${host}: both would be /run/agenix/${name}`;
      yield { at: context.inputs.originsOf(host, ["secrets", name]), message, hint };
    }
  }
}

export const secretName: Rule = {
  code: "secret-name",
  severity: "error",
  title: "A secret's name is a plain file name, and its own",
  why: "The name is that of a file twice: `secrets/<host or cluster>/<name>.age` in the repository, and `/run/agenix/<name>` on the host. What meshflake makes itself lies there too, and so do the secrets that a host shares with its cluster.",
  needs: "fleet",
  check: checkNames,
};

/** What useradd allows, or a number. */
const ACCOUNT = /^(?:[a-z_][a-z0-9_-]{0,30}\$?|[0-9]{1,10})$/;
/** Characters of a unit's name (systemd.unit(5)), an instance included. */
const UNIT = /^[\\A-Za-z0-9:_.-]+(?:@[\\A-Za-z0-9:_.-]*)?\.service$/;

function* checkAccess(context: RuleContext): Iterable<Finding> {
  for (const { input, at } of eachDeclared(context)) {
    for (const kind of ["owner", "group"] as const) {
      const text = input[kind];
      if (text === undefined || ACCOUNT.test(text)) continue;
      const hint = `write the ${kind === "owner" ? "account" : "group"} of the service that reads it, as NixOS calls it`;
      yield {
        at: at(kind),
        message: `${quote(text)} cannot be the name of ${kind === "owner" ? "an account" : "a group"}`,
        hint,
      };
    }
    for (const [index, unit] of (input.restart ?? []).entries()) {
      if (UNIT.test(unit)) continue;
      const bare = /^[A-Za-z0-9:_@-]+$/.test(unit);
      const hint = bare
        ? `write its kind too: ${unit}.service`
        : "write a service with its kind, such as grafana.service";
      yield { at: at("restart", index), message: `${quote(unit)} is no systemd service`, hint };
    }
  }
}

export const secretAccess: Rule = {
  code: "secret-access",
  severity: "error",
  title: "A secret's owner, group and units are names that a host can have",
  why: "agenix gives the decrypted file to the account and the group when the host starts, and systemd restarts the units when the value changes. A wrong name shows only there: a service that cannot read its password, or goes on with the old one.",
  needs: "fleet",
  check: checkAccess,
};

function* checkHosts(context: RuleContext): Iterable<Finding> {
  const { inputs, fleet } = context;
  for (const { name, input, cluster, at } of eachShared(context)) {
    for (const [index, host] of (input.hosts ?? []).entries()) {
      const other = fleet.hosts.get(host)?.cluster;
      if (cluster !== null && other !== undefined && other !== cluster) {
        const message = `${host} is no host of the cluster ${cluster}, but of ${other}`;
        const hint = `declare the secret ${name} for ${other}, or for the whole fleet: each cluster has a value of its own`;
        yield { at: at("hosts", index), message, hint };
      } else if (!inputs.hostNames.has(host) && inputs.environment?.value.hosts?.[host] !== false) {
        const hint = suggestOr(host, [...inputs.hostNames], "add a host file of that name");
        yield { at: at("hosts", index), message: `${quote(host)} is no host of this fleet`, hint };
      }
    }
  }
}

export const secretHosts: Rule = {
  code: "secret-hosts",
  severity: "error",
  title: "A shared secret names hosts that can share it",
  why: "The secret's file is encrypted to the hosts that it names. A misspelt host, or one of another cluster, would go without it, and its service would find no file.",
  needs: "fleet",
  check: checkHosts,
};
