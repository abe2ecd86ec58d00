import type { Leaving } from "../../../generators/model/lock.js";
import { UserError } from "../../../generators/model/problem.js";
import { writeLock } from "../../../generators/secrets/disk/lock-files.js";
import { whileAlone } from "../../../generators/tree/alone.js";
import { viewCloud } from "../../../pulumi/plan/view.js";
import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { requireHost } from "../../machines/hosts.js";
import { votesOf } from "../../machines/votes.js";
import { foresee } from "../../remove/debts.js";
import { describeRemoval, type Removal } from "../../remove/describe.js";
import { compileTarget, type Target } from "../../targets/targets.js";

/** What a host leaves, with its entry in the lock as it becomes. */
function leavingOf({ withData, undo }: CommandOptions): Leaving | null {
  if (undo === true && withData === true) throw new UserError("--undo and --with-data exclude each other");
  if (undo === true) return null;
  return withData === true ? "data" : "machine";
}

async function writeLeaving(root: string, { lock, lockFile }: Target, host: string, leaving: Leaving | null) {
  const { leaving: _, ...entry } = lock.hosts[host] ?? {};
  const hosts = { ...lock.hosts, [host]: { ...entry, ...(leaving !== null && { leaving }) } };
  return writeLock(root, lockFile, { ...lock, hosts });
}

export async function run(
  context: Context,
  [name]: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const leaving = leavingOf(options);
  const remove = async (): Promise<CommandResult> => {
    const { target, problems } = await compileTarget(context);
    const plan = requireHost(target.plan.hosts, name);
    const { host } = plan;
    // A host that no provider runs has no protection, and nothing of it is written.
    const machine = viewCloud(target.plan).machines.find((one) => one.host === host.name) ?? null;
    const settled = leaving === null && target.lock.hosts[host.name]?.leaving === undefined;
    const written = machine !== null && !settled && (await writeLeaving(context.root(), target, host.name, leaving));
    const removal: Removal = {
      host,
      environment: target.environment,
      lockFile: target.lockFile,
      platform: machine?.platform ?? null,
      leaving: machine === null ? null : leaving,
      undone: leaving === null,
      votes: votesOf(plan),
      debts: foresee(target.plan.fleet, target.lock, host.name),
    };
    return {
      exitCode: 0,
      text: () =>
        settled && machine !== null
          ? `${host.name} was not about to leave, and nothing was changed`
          : describeRemoval(removal, context.colors),
      data: () => ({
        host: host.name,
        platform: removal.platform,
        leaving: removal.leaving,
        votes: removal.votes,
        toRotate: removal.debts.rotate,
        toSet: removal.debts.set,
        written,
      }),
      problems,
    };
  };
  return whileAlone(context.root(), remove);
}
