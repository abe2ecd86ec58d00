import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { LabClient } from "../../client/client.js";
import { endWithParent } from "../harness/parent.js";
import type { TakeBackEvent } from "./remains.js";
import { takeBack } from "./take-back.js";

/**
 * `take-back.js --socket PATH`, inside of a lab's namespaces: takes back what a test has made and did not take back itself. Writes a
 * line of JSON for each event, of which the last says what is there still.
 */

const { values } = parseArgs({ options: { socket: { type: "string" } } });

/** Consul and Nomad keep a write for seconds while there is no leader, and do it within one once there is. */
const QUIET_MS = 3_000;

function emit(event: TakeBackEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

async function main(socket: string): Promise<void> {
  const client = new LabClient(socket);
  const leave = await client.joinTest();
  try {
    const { remains } = (await client.state()).test;
    const left = await takeBack(remains, {
      client,
      folder: dirname(socket),
      patience: 1,
      quietMs: QUIET_MS,
      step: (text) => emit({ event: "step", text }),
    });
    emit({ event: "left", left });
  } finally {
    leave();
  }
}

if (values.socket === undefined) throw new RangeError("--socket PATH is missing");
endWithParent();
await main(values.socket).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
