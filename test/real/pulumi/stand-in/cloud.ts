import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** What a provider "has": a file, so that it outlives the process that the engine starts for each update. */

export type Properties = Readonly<Record<string, unknown>>;

/** Something that was made. */
export interface Thing {
  readonly id: string;
  /** The engine's type, e.g. `hcloud:index/server:Server`. */
  readonly type: string;
  readonly properties: Properties;
}

/** One call that changed something, or tried to. */
export interface Call {
  readonly verb: "create" | "update" | "delete";
  readonly type: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly failed?: string;
}

export interface CloudData {
  readonly things: readonly Thing[];
  readonly calls: readonly Call[];
  /** The next id. */
  readonly next: number;
  /** Which creates fail: that of this `TYPE NAME`, or each one at its first try. */
  readonly failing: string | "first" | null;
  /** How long a machine takes to be made, in milliseconds. */
  readonly delay: number;
}

export const EMPTY_CLOUD: CloudData = { things: [], calls: [], next: 1001, failing: null, delay: 0 };

/** A cloud in a file. */
export class Cloud {
  constructor(private readonly file: string) {}

  read(): CloudData {
    return JSON.parse(readFileSync(this.file, "utf8"));
  }

  write(change: Partial<CloudData>): void {
    writeFileSync(`${this.file}.new`, JSON.stringify({ ...this.read(), ...change }, undefined, 1));
    renameSync(`${this.file}.new`, this.file);
  }

  list(type: string): readonly Thing[] {
    return this.read().things.filter((thing) => thing.type === type);
  }

  find(type: string, id: string): Thing | undefined {
    return this.list(type).find((thing) => thing.id === id);
  }

  /**
   * @param id null for a number
   * @param make the thing's properties; its argument differs from thing to thing
   */
  add(type: string, id: string | null, make: (next: number) => Properties): Thing {
    const { things, next } = this.read();
    const thing = { id: id ?? String(next), type, properties: make(next) };
    this.write({ things: [...things, thing], next: next + 1 });
    return thing;
  }

  set(type: string, id: string, properties: Properties): void {
    const { things } = this.read();
    this.write({ things: things.map((one) => (one.type === type && one.id === id ? { ...one, properties } : one)) });
  }

  remove(type: string, id: string): void {
    this.write({ things: this.read().things.filter((one) => one.type !== type || one.id !== id) });
  }

  /** @param work may throw, which is logged and thrown again */
  async log<T>(verb: Call["verb"], type: string, name: string, work: () => Promise<T>): Promise<T> {
    const from = Date.now();
    const note = (failed?: string) => {
      const call = { verb, type, name, from, to: Date.now(), ...(failed !== undefined && { failed }) };
      this.write({ calls: [...this.read().calls, call] });
    };
    try {
      const result = await work();
      note();
      return result;
    } catch (error) {
      note(String(error));
      throw error;
    }
  }
}
