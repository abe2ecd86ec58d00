import type { EnvironmentInput, FleetInput, HostInput, HostName, NixExpression, PlatformInputs } from "./input.js";
import { PLATFORMS, type Platform } from "./vocabulary.js";

/** The platform builders, each returning the host that its file exports by default. */
export type Builders<Site extends string, Cluster extends string> = {
  readonly [P in Platform]: (input: PlatformInputs<Site, Cluster>[P]) => HostInput<P>;
};

/** What `defineFleet` returns: the fleet's own input, and the builders of its hosts and environments. */
export interface FleetDefinition<Site extends string = string, Cluster extends string = string>
  extends Builders<Site, Cluster> {
  /** What was given to `defineFleet`. */
  readonly input: FleetInput<Site, Cluster>;
  /**
   * Describes the same hosts elsewhere, for `hosts/environments/NAME.ts`.
   * @param input what differs; everything else stays
   */
  environment(input: EnvironmentInput<Site, Cluster, HostName>): EnvironmentInput<Site, Cluster>;
}

/**
 * Describes a fleet, for `hosts/fleet.ts`. Nothing is checked here: `meshflake check` reports every problem of every file
 * at once, and an editor already rejects what the types exclude.
 * @param input the fleet: sites, clusters, mesh and people
 * @returns builders that know the fleet's site and cluster names
 */
export function defineFleet<const Name extends string, const Site extends string, const Cluster extends string = Name>(
  // Devices name clusters, they do not make them: without NoInfer, one device's cluster would be all that there are.
  input: FleetInput<Site, Cluster, HostName, NoInfer<Cluster>> & { name: Name },
): FleetDefinition<Site, Cluster> {
  const builders = Object.fromEntries(
    PLATFORMS.map((platform) => [platform, (host: unknown) => buildHost(platform, host)]),
  ) as unknown as Builders<Site, Cluster>;
  return { ...builders, input: input as FleetInput<Site, Cluster>, environment: (environment) => environment };
}

/** A text's letters would become fields, each with a problem of its own. @throws TypeError where it is no object */
function buildHost(platform: Platform, host: unknown): object {
  if (typeof host === "object" && host !== null && !Array.isArray(host)) return { platform, ...host };
  throw new TypeError(`fleet.${platform} takes one object, the host's fields; its name is the file's`);
}

/**
 * A Nix expression inside a literal tree: ``nix`pkgs.htop` `` prints `pkgs.htop` where a string would be quoted.
 *
 * Backslashes are Nix's: `"a\n"` reaches Nix as written. Only a backslash before a backtick, or before the dollar sign of an
 * interpolation, is JavaScript's: ``nix`"\${pkgs.hello}/bin"` `` prints `"${pkgs.hello}/bin"`.
 * @returns the expression, as plain data
 */
export function nix(strings: TemplateStringsArray, ...values: readonly (string | number)[]): NixExpression {
  const raw = strings.raw.map((text) => text.replaceAll("\\${", "${").replaceAll("\\`", "`"));
  return { $nix: String.raw({ raw }, ...values) };
}
