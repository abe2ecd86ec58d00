import { UserError } from "../../../generators/model/problem.js";
import type { Left, TakeBackEvent } from "../../../lab/checks/remains/remains.js";
import { LabClient } from "../../../lab/client/client.js";
import type { Lab } from "../../../lab/client/records.js";
import type { Remain } from "../../../lab/protocol.js";
import type { Progress } from "../../terminal/progress.js";
import { runInside } from "../inside.js";
import { listRemains } from "./words.js";

/** Takes back what a test has made in a lab and did not take back itself. */

/** What was taken back, and what could not be. */
export interface TakenBack {
  readonly taken: readonly Remain[];
  readonly left: readonly Left[];
}

/** Within `asTest`. @throws UserError where the program that does it does not come to its end */
export async function takeBackRemains(lab: Lab, progress: Progress): Promise<TakenBack> {
  const { remains } = (await new LabClient(lab.socket).state()).test;
  if (remains.length === 0) return { taken: [], left: [] };
  progress.note(`taking back what a test has left: ${listRemains(remains).join("; ")}`);
  const { lines, end } = runInside(lab, "take-back");
  let left: readonly Left[] | null = null;
  for await (const line of lines) {
    const event = JSON.parse(line) as TakeBackEvent;
    if (event.event === "step") progress.step(event.text);
    else left = event.left;
  }
  const { code, stderr } = await end;
  if (left === null) throw new UserError(`not taken back: ${stderr === "" ? `exit code ${code}` : stderr}`, AGAIN, 1);
  const still = listRemains(left.map(({ remain }) => remain));
  const taken = remains.filter((one) => !still.includes(listRemains([one])[0] ?? ""));
  return { taken, left };
}

const AGAIN = "meshflake lab heal tries again, and meshflake lab status shows what is there";

/** What could not be taken back, for people. */
export function explainLeft(left: readonly Left[]): UserError {
  const whys = left.map(({ remain, why }) => `${listRemains([remain]).join("")} (${why})`);
  return new UserError(`a test has left what cannot be taken back now: ${whys.join("; ")}`, AGAIN, 1);
}
