import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { OrderName, Orders, Reply } from "../agent/protocol.js";

/** The near end of an agent. */
export class Agent {
  private nextId = 0;
  private readonly waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  private ended = false;

  /** @param child an agent's process, with pipes for stdin and stdout */
  constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
  ) {
    if (child.stdout === null || child.stdin === null) throw new Error("an agent needs pipes");
    createInterface({ input: child.stdout }).on("line", (line) => this.settle(JSON.parse(line) as Reply));
    child.stdin.on("error", () => undefined);
    child.on("error", () => this.end());
    child.on("exit", () => this.end());
  }

  get alive(): boolean {
    return !this.ended;
  }

  /** @throws Error where the order fails or the agent has ended */
  order<Name extends OrderName>(name: Name, order: Orders[Name]["takes"]): Promise<Orders[Name]["answers"]> {
    if (this.ended) return Promise.reject(new Error(`the agent on ${this.name} has ended`));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: (value) => resolve(value as Orders[Name]["answers"]), reject });
      this.child.stdin?.write(`${JSON.stringify({ id, name, with: order })}\n`);
    });
  }

  kill(): void {
    this.child.kill("SIGKILL");
    this.end();
  }

  private settle(reply: Reply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if ("error" in reply) waiting?.reject(new Error(`${this.name}: ${reply.error}`));
    else waiting?.resolve(reply.value);
  }

  private end(): void {
    this.ended = true;
    for (const { reject } of this.waiting.values()) reject(new Error(`the agent on ${this.name} has ended`));
    this.waiting.clear();
  }
}
