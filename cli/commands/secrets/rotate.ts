import { adminGapOf } from "../../../generators/model/made-for.js";
import { UserError } from "../../../generators/model/problem.js";
import type { Decryptor } from "../../../generators/secrets/decrypt/decrypt.js";
import type { CommandOptions, CommandResult, Context } from "../../context.js";
import { openIdentities } from "../../secrets/identity.js";
import { requireCommitted } from "../../secrets/rotate/committed.js";
import { finishRotations, type OpenDecryptor, type Rotated, rotateSecrets } from "../../secrets/rotate/rotate.js";
import {
  checkRequest,
  type RotateRequest,
  type Selection,
  selectRotating,
  selectSecrets,
} from "../../secrets/rotate/select.js";
import { stepsAfterFinish, stepsAfterRotate } from "../../secrets/rotate/steps.js";
import { changeSecrets, type Secrets } from "../../secrets/session.js";
import { envOf, formatSteps } from "../../secrets/steps.js";
import { count, joinNames } from "../../terminal/words.js";

interface Done extends Rotated {
  readonly selection: Selection;
}

/** More names than this are only counted. */
const NAMES_SHOWN = 8;

export async function run(context: Context, names: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const host = typeof options.host === "string" ? options.host : null;
  const request = {
    names,
    host,
    all: options.all === true,
    finish: options.finish === true,
    force: options.force === true,
  };
  checkRequest(request);
  const { secrets, change } = await changeSecrets(context, (secrets) =>
    rotate(context, secrets, request, openOnce(context, options)),
  );
  const after = { ...secrets, lock: change.lock };
  const next = request.finish
    ? stepsAfterFinish(after, change.specs)
    : stepsAfterRotate(after, change, change.selection);
  const steps = change.specs.length + change.selection.own.length === 0 ? [] : next;
  return {
    exitCode: 0,
    text: () => describe(context, change, request.finish, steps),
    data: () => ({
      rotated: change.specs.map(({ name }) => name),
      finished: request.finish,
      reencrypted: change.moved.map(({ name }) => name),
      toSet: change.selection.own.map(({ name }) => name),
      next: steps,
    }),
    problems: secrets.problems,
  };
}

/** Values that need no old one need no key, and nobody is asked for one. */
function openOnce(context: Context, options: CommandOptions): OpenDecryptor {
  let opened: Promise<Decryptor> | undefined;
  return () => {
    opened ??= openIdentities(context, options);
    return opened;
  };
}

async function rotate(context: Context, secrets: Secrets, request: RotateRequest, open: OpenDecryptor): Promise<Done> {
  if (request.finish) {
    const rotating = selectRotating(secrets, request.all ? [] : request.names);
    if (!request.force) requireCommitted(secrets, rotating, context.progress);
    const selection = { made: rotating, own: [], lost: null };
    return { ...(await finishRotations(context, secrets, rotating, open)), selection };
  }
  const [gone] = adminGapOf(secrets.fleet, secrets.lock).left;
  if (gone !== undefined) {
    throw new UserError(
      `${gone} is no admin any more, and every file is still encrypted to ${gone}'s key`,
      `run \`meshflake secrets rekey${envOf(secrets)}\` first: it notes what ${gone} knows, and new values end that`,
      1,
    );
  }
  const selection = selectSecrets(secrets, request);
  return { ...(await rotateSecrets(context, secrets, selection, open)), selection };
}

function describe({ colors }: Context, { specs, moved, selection }: Done, finish: boolean, steps: readonly string[]) {
  if (specs.length + selection.own.length === 0) return "nothing is in rotation";
  const names = specs.map(({ name }) => name);
  const shown = names.length > NAMES_SHOWN ? count(names.length, "secret") : joinNames(names);
  const done = finish ? "the old value of" : "a new value for";
  return [
    ...(names.length > 0 ? [`${colors.green("✓")} ${done} ${shown}${finish ? " dropped" : ""}`] : []),
    ...(moved.length > 0 ? [`${colors.green("✓")} ${count(moved.length, "file")} encrypted to the new identity`] : []),
    formatSteps(steps),
  ].join("\n");
}
