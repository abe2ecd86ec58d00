import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../../generators/model/problem.js";
import { LabClient } from "../../../lab/client/client.js";
import { identifyProcess, isAlive, type Lab } from "../../../lab/client/records.js";
import type { TestStatus } from "../../../lab/protocol.js";

/** One test at a time in a lab. */

/** Milliseconds; what a killed test has started ends with it, and a lab sees that at once. */
const ORPHAN_MS = 20_000;
const AGAIN_MS = 50;

/** Whether a test is under way whose command is alive. */
export function isUnderWay({ holder }: TestStatus): boolean {
  return holder !== null && isAlive(holder);
}

/** Waits while programs of a test that was killed have not ended yet. */
async function waitForOrphans(client: LabClient): Promise<void> {
  for (const end = Date.now() + ORPHAN_MS; Date.now() < end; await sleep(AGAIN_MS)) {
    const { test } = await client.state();
    if (test.holder === null || isUnderWay(test)) return;
  }
}

/**
 * Does something that is a test in a lab, or takes one back.
 * @throws UserError where another test is under way
 */
export async function asTest<Result>({ socket }: Lab, work: () => Promise<Result>): Promise<Result> {
  const client = new LabClient(socket);
  await waitForOrphans(client);
  const end = await client.beginTest(identifyProcess(process.pid)).catch((error: unknown) => {
    throw error instanceof UserError ? error : new UserError(`the lab does not answer: ${String(error)}`, undefined, 1);
  });
  try {
    return await work();
  } finally {
    end();
  }
}
