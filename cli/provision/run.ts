import type { OpMap, OutputMap } from "@pulumi/pulumi/automation/index.js";
import { UserError } from "../../generators/model/problem.js";
import type { OpenStack } from "./stack.js";

/** Runs Pulumi's engine, whose words go to the terminal as they are. */

/** How many resources meet which fate, by Pulumi's own words: `create`, `update`, `same`, … */
export type Fates = Readonly<Record<string, number>>;

/** Where Pulumi's words go. */
export interface Terminal {
  readonly write: (text: string) => void;
  readonly colors: boolean;
  /** What was written and nobody saw; empty where it was shown. */
  readonly unseen: () => string;
}

/**
 * @param urns Pulumi's names of machines to be made anew
 * @returns what an update would do
 * @throws UserError where the program or a provider refuses
 */
export async function previewStack(open: OpenStack, terminal: Terminal, urns: readonly string[] = []): Promise<Fates> {
  const { changeSummary } = await explain(open, "preview", terminal, () =>
    open.stack.preview(settingsOf(terminal, urns)),
  );
  return countFates(changeSummary);
}

/** An update that is done. */
export interface Updated {
  readonly fates: Fates;
  /** All outputs of the stack, in the clear: none of meshflake's is a secret. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * Makes it so.
 * @param urns Pulumi's names of machines to be made anew
 * @throws UserError where it fails in between
 */
export async function updateStack(open: OpenStack, terminal: Terminal, urns: readonly string[] = []): Promise<Updated> {
  const { summary, outputs } = await explain(open, "up", terminal, () => open.stack.up(settingsOf(terminal, urns)));
  return { fates: countFates(summary.resourceChanges ?? {}), outputs: toValues(outputs) };
}

/** What the last update left. */
export async function readStack({ stack }: OpenStack): Promise<Readonly<Record<string, unknown>>> {
  return toValues(await stack.outputs());
}

function settingsOf({ write, colors }: Terminal, urns: readonly string[]) {
  const color: "always" | "never" = colors ? "always" : "never";
  return { onOutput: write, color, userAgent: "meshflake", ...(urns.length > 0 && { replace: [...urns] }) };
}

function countFates(changes: OpMap): Fates {
  return Object.fromEntries(Object.entries(changes).filter(([, many]) => many !== undefined && many > 0));
}

function toValues(outputs: OutputMap): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
}

/** How many lines are shown of what nobody saw: Pulumi's diagnostics are at the end. */
const LINES_SHOWN = 30;

/** What a failed command leaves. */
const AFTERWARDS = {
  preview: "nothing was changed",
  up: "what was made stays: run it again, and it goes on from there",
} as const;

/** What Pulumi throws repeats all that it has said, and what the program printed: only its exit is told again. */
async function explain<T>(
  { api, stack }: OpenStack,
  command: keyof typeof AFTERWARDS,
  terminal: Terminal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof api.ConcurrentUpdateError) {
      const hint = `wait until it is done; one that was killed is ended by: pulumi cancel --stack ${stack.name}`;
      throw new UserError(`stack ${stack.name} is being updated by somebody else`, hint, 1);
    }
    if (!(error instanceof api.CommandError)) throw error;
    const unseen = terminal.unseen().trim().split("\n").slice(-LINES_SHOWN).join("\n");
    const what = `pulumi ${command} failed${unseen === "" ? "" : `:\n${unseen}`}`;
    throw new UserError(what, `what it says is above; ${AFTERWARDS[command]}`, 1);
  }
}
