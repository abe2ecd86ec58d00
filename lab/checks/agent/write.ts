import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Orders, WriterLog } from "./protocol.js";

/** Consul's HTTP port on loopback. */
const CONSUL = { host: "127.0.0.1", port: 8500 } as const;
/** A write that is not answered by then is not counted, and the next number follows. */
const ANSWER_MS = 3_000;
/** Milliseconds between two writes: ten a second show a gap well, and are no load. */
const PAUSE_MS = 100;

/** Writes numbers into Consul's KV, one after the other, and remembers which were acknowledged. */
export class Writer {
  private running = false;
  private acknowledged: { number: number; at: number }[] = [];
  private refused = 0;

  begin(order: Orders["write"]["takes"]): true {
    this.acknowledged = [];
    this.refused = 0;
    this.running = true;
    void this.writeOn(order);
    return true;
  }

  read(): WriterLog {
    return { acknowledged: this.acknowledged, refused: this.refused };
  }

  end(): WriterLog {
    this.running = false;
    return this.read();
  }

  private async writeOn({ prefix, token }: Orders["write"]["takes"]): Promise<void> {
    for (let number = 0; this.running; number++) {
      if (await put(`/v1/kv/${prefix}/${number}`, String(number), token)) {
        this.acknowledged.push({ number, at: Date.now() });
      } else {
        this.refused += 1;
      }
      await sleep(PAUSE_MS);
    }
  }
}

/** Whether Consul said that it has it. */
function put(path: string, value: string, token: string | null): Promise<boolean> {
  const headers = token === null ? {} : { "X-Consul-Token": token };
  return new Promise((resolve) => {
    const asked = request(
      { ...CONSUL, path, method: "PUT", headers, agent: false, signal: AbortSignal.timeout(ANSWER_MS) },
      async (response) => {
        let text = "";
        try {
          for await (const part of response) text += String(part);
        } catch {
          resolve(false);
        }
        resolve(response.statusCode === 200 && text.trim() === "true");
      },
    );
    asked.on("error", () => resolve(false));
    asked.end(value);
  });
}
