import { findNearest, suggestName } from "../../generators/load/nearest.js";
import type { Fleet } from "../../generators/model/fleet.js";
import { UserError } from "../../generators/model/problem.js";
import { type SecretSpec, secretsFolder } from "../../generators/model/secrets.js";
import { isForNobody } from "../../generators/plan/secrets.js";

/**
 * Finds the secret that a person means.
 * @param text its name (`cats/consul-gossip`), the name's last part where no other secret has it, or its file
 * @throws UserError with what was probably meant, or where to declare it
 */
export function findSecret(fleet: Fleet, specs: ReadonlyMap<string, SecretSpec>, text: string): SecretSpec {
  const folder = `${secretsFolder(fleet.environment)}/`;
  const name = (text.startsWith(folder) ? text.slice(folder.length) : text).replace(/\.age$/, "");
  const exact = specs.get(name);
  if (exact !== undefined) return exact;
  const alike = [...specs.values()].filter(({ slug }) => slug === name);
  if (alike.length === 1 && alike[0] !== undefined) return alike[0];
  if (alike.length > 1) {
    throw new UserError(
      `${alike.length} secrets are called \`${name}\``,
      suggestName(`${name}/`, alike.map((spec) => spec.name).sort()),
    );
  }
  const idle = findIdle(fleet, name);
  if (idle !== null) throw idle;
  const nearest = findNearest(name, specs.keys());
  const first = nearest === null ? "`meshflake secrets list` shows all" : `did you mean \`${nearest}\`?`;
  throw new UserError(`no secret is named \`${text}\``, `${first} (${whereToDeclare(fleet, name)})`);
}

/** Why a secret that is declared has no file; null where none is called like that. */
function findIdle({ clusters }: Fleet, name: string): UserError | null {
  const [of, slug] = name.includes("/") ? name.split("/") : [null, name];
  const idle = [...clusters.keys()].find(
    (one) => (of === null || of === one) && isForNobody({ clusters }, one, slug ?? ""),
  );
  if (idle === undefined) return null;
  return new UserError(
    `the secret \`${name}\` is declared for no host of ${idle}, so nobody would read it`,
    "name hosts in its `hosts`, or leave that out for all of the cluster",
  );
}

function whereToDeclare(fleet: Fleet, name: string): string {
  const [of = "", slug = of] = name.split("/");
  const host = fleet.hosts.get(of);
  if (host !== undefined) return `a new one is declared in ${host.file}: secrets: { ${quoteKey(slug)}: {} }`;
  const own = quoteKey(slug === "" ? "name" : slug);
  return `a new one is declared in the file of its host, or for several in hosts/fleet.ts: secrets: { ${own}: {} }`;
}

function quoteKey(slug: string): string {
  return /^[A-Za-z_]\w*$/.test(slug) ? slug : JSON.stringify(slug);
}

/** The host or cluster that a person means. @throws UserError where there is none */
export function checkOwner(fleet: Fleet, name: string): void {
  if (fleet.hosts.has(name) || fleet.clusters.has(name)) return;
  const names = [...fleet.hosts.keys(), ...fleet.clusters.keys()];
  throw new UserError(`no host or cluster is named \`${name}\``, suggestName(name, names));
}
