import { createInterface } from "node:readline";
import { listen, probe } from "./probe.js";
import type { Order, OrderName, Orders, Reply } from "./protocol.js";
import { scan, spray } from "./scan.js";
import { Stalls } from "./stalls.js";
import { Holds, Watch } from "./watch.js";
import { Writer } from "./write.js";

/** `agent.js`, run inside of a network namespace: carries out orders until stdin ends. */

type Handlers = {
  readonly [Name in OrderName]: (
    order: Orders[Name]["takes"],
  ) => Orders[Name]["answers"] | Promise<Orders[Name]["answers"]>;
};

const watch = new Watch();
const holds = new Holds();
const writer = new Writer();
const stalls = new Stalls();

const handlers: Handlers = {
  listen,
  probe,
  scan,
  spray,
  stalls: () => stalls.read(),
  watch: (order) => watch.begin(order),
  watched: () => watch.read(),
  hold: (order) => holds.begin(order),
  held: () => holds.read(),
  write: (order) => writer.begin(order),
  writing: () => writer.read(),
  written: () => writer.end(),
};

async function answer<Name extends OrderName>({ id, name, with: order }: Order<Name>): Promise<Reply> {
  try {
    return { id, value: await handlers[name](order) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  void answer(JSON.parse(line) as Order).then((reply) => process.stdout.write(`${JSON.stringify(reply)}\n`));
}
process.exit(0);
