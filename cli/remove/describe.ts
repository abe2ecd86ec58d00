import type { Host } from "../../generators/model/fleet.js";
import { hostLockFile, type Leaving } from "../../generators/model/lock.js";
import type { ProvisionedPlatform } from "../../pulumi/outputs.js";
import type { Colors } from "../context.js";
import { nameSome } from "../summary/words.js";
import { formatColumns } from "../terminal/columns.js";
import { joinNames } from "../terminal/words.js";
import type { Debts } from "./debts.js";

/** What `remove` says: what it wrote, and what comes next, in order. */

/** A host that is about to leave, or that stays after all. */
export interface Removal {
  readonly host: Host;
  /** Null for the fleet itself. */
  readonly environment: string | null;
  readonly lockFile: string;
  /** Null where no provider runs the host. */
  readonly platform: ProvisionedPlatform | null;
  /** Null where it stays, or has no protection. */
  readonly leaving: Leaving | null;
  /** `--undo` was given. */
  readonly undone: boolean;
  /** Whose Raft it votes in. */
  readonly votes: readonly string[];
  readonly debts: Debts;
}

/** For people, without the last line break. */
export function describeRemoval(removal: Removal, colors: Colors): string {
  const { host, environment, platform, undone, votes } = removal;
  const env = environment === null ? "" : ` --env ${environment}`;
  if (undone) return platform === null ? `${host.name} was not protected` : describeUndone(removal, env, colors);
  return [
    platform === null
      ? `${host.name} is no provider's machine: nothing protects it, and nothing was written`
      : `${colors.green("✓")} ${colors.bold(host.name)} may leave (${hostLockFile(removal.lockFile, host.name)}): ${describeFate(removal)}`,
    ...(votes.length > 0
      ? [`  it votes in ${joinNames(votes)}: let no other voter be away until the others are deployed`]
      : []),
    "next, in this order:",
    ...listSteps(removal, env).map((step) => `  ${step}`),
  ].join("\n");
}

function describeUndone({ host, lockFile }: Removal, env: string, colors: Colors): string {
  return `${colors.green("✓")} ${colors.bold(host.name)} stays (${hostLockFile(lockFile, host.name)}); meshflake provision${env} protects it again`;
}

function describeFate({ platform, leaving }: Removal): string {
  if (platform === "contaboVm")
    return "Pulumi forgets the instance, which runs and costs on until the customer panel cancels it";
  return leaving === "data"
    ? "its machine goes, with its volumes and addresses"
    : "its machine goes; its volumes and addresses stay at the provider";
}

/** Commands, each with what it does. */
function listSteps({ host, environment, platform, debts }: Removal, env: string): string[] {
  const leave =
    environment === null
      ? [`git rm ${host.file}`, "# or delete the file"]
      : [`# write \`${host.name}: false\` into hosts/environments/${environment}.ts`, ""];
  const provision = (what: string) => (platform === null ? [] : [[`meshflake provision${env}`, `# ${what}`]]);
  return formatColumns([
    ...provision("lifts the protection, and deletes nothing"),
    leave,
    [`meshflake generate${env}`, "# then deploy the others, which forget its keys"],
    ...provision("deletes the machine"),
    ...listRotations(host.name, debts, env),
  ]);
}

/** What the host knew stays known, wherever its disk ends up. */
function listRotations(host: string, { rotate, set }: Debts, env: string): string[][] {
  if (rotate.length + set.length === 0) return [];
  return [
    ...(rotate.length > 0 ? [[`meshflake secrets rotate --host ${host}${env}`, `# it knows ${nameSome(rotate)}`]] : []),
    ...set.map((name) => [`meshflake secrets set ${name}${env}`, "# it knows this one as well"]),
    [`meshflake secrets audit${env}`, "# says what is left to do, until it is clean"],
  ];
}
