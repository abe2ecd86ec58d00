import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Conditions } from "../../spec.js";
import { start } from "../command.js";

/** Lines by `meshflake-line`, for kernels without netem: one process carries the packets of all of them. */

/** A line that the program is to carry: a layer 3 device at each end. */
export interface Line extends Conditions {
  readonly name: string;
  readonly mtu: number;
  /** Processes in the network namespaces that its ends are in. */
  readonly ends: readonly { readonly pid: number; readonly device: string }[];
}

type Request =
  | { readonly add: Line }
  | { readonly set: Conditions & { readonly name: string } }
  | { readonly remove: string };

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The running program. Its requests are answered in any order, but those about one line in theirs. */
export class LineProgram {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<string, Waiting[]>();

  constructor() {
    this.#child = start(["meshflake-line"], { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdin?.on("error", () => {});
    this.#child.once("error", (error) => this.#end(error.message));
    this.#child.once("exit", (code, signal) => this.#end(`${signal ?? code}`));
    if (this.#child.stdout) createInterface({ input: this.#child.stdout }).on("line", (line) => this.#answer(line));
  }

  /** @throws Error with what the program said */
  add(line: Line): Promise<void> {
    return this.#ask(line.name, { add: line });
  }

  /** @throws Error with what the program said */
  set(name: string, conditions: Conditions): Promise<void> {
    return this.#ask(name, { set: { name, ...conditions } });
  }

  /** Ends the program, and with it its devices. */
  end(): void {
    this.#child.kill("SIGKILL");
  }

  #ask(name: string, request: Request): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(name) ?? [];
      this.#waiting.set(name, [...waiting, { resolve, reject }]);
      this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    });
  }

  #answer(line: string): void {
    const answer = JSON.parse(line) as { done?: string; error?: string; name?: string };
    const name = answer.done ?? answer.name ?? "";
    const [first, ...rest] = this.#waiting.get(name) ?? [];
    this.#waiting.set(name, rest);
    if (answer.error === undefined) first?.resolve();
    else first?.reject(new Error(`the line ${name}: ${answer.error}`));
  }

  #end(why: string): void {
    for (const { reject } of [...this.#waiting.values()].flat()) reject(new Error(`meshflake-line ended: ${why}`));
    this.#waiting.clear();
  }
}
