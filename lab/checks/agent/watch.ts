import { createSocket, type Socket } from "node:dgram";
import { connect } from "node:net";
import type { HeldConnection, NamedTarget, Orders, Pulse } from "./protocol.js";
import { decodeId, encodeQuery } from "./query.js";

/** Looks again and again, so that what comes between two looks is seen as well. */

/** Queries are numbered with 16 bits. */
const IDS = 0x1_0000;
/** Milliseconds between two messages of a held connection. */
const MESSAGE_EVERY_MS = 200;

interface Watched {
  readonly target: NamedTarget;
  readonly samples: [number, number | null][];
}

/** Queries by UDP, all from one socket. */
export class Watch {
  private socket: Socket | null = null;
  private timer: NodeJS.Timeout | null = null;
  private watched: Watched[] = [];

  begin({ targets, everyMs }: Orders["watch"]["takes"]): true {
    this.end();
    this.watched = targets.map((target) => ({ target, samples: [] }));
    const socket = createSocket("udp4");
    this.socket = socket;
    socket.on("message", (message, from) => this.note(from.address, from.port, decodeId(message)));
    // A refused or unreachable target is a query without an answer.
    socket.on("error", () => undefined);
    this.timer = setInterval(() => this.askAll(socket), everyMs);
    this.askAll(socket);
    return true;
  }

  read(): Pulse[] {
    return this.watched.map(({ target, samples }) => ({ name: target.name, samples }));
  }

  private end(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.socket?.close();
  }

  private askAll(socket: Socket): void {
    for (const { target, samples } of this.watched) {
      const query = encodeQuery(samples.length % IDS);
      samples.push([Date.now(), null]);
      socket.send(query, target.port, target.address, () => undefined);
    }
  }

  private note(address: string, port: number, id: number | null): void {
    const found = this.watched.find(({ target }) => target.address === address && target.port === port);
    if (found === undefined || id === null) return;
    // The latest query of this number.
    const last = found.samples.length - 1;
    const sample = found.samples[last - ((last - id + IDS) % IDS)];
    if (sample !== undefined && sample[1] === null) sample[1] = Date.now() - sample[0];
  }
}

/** TCP connections that stay open, with something said on them all the time. */
export class Holds {
  private readonly held: { name: string; lastEchoAt: number | null; ended: string | null }[] = [];

  /** Answers once it is open. @throws Error where it cannot be opened */
  begin({ name, address, port }: NamedTarget): Promise<true> {
    return new Promise((resolve, reject) => {
      const one: (typeof this.held)[number] = { name, lastEchoAt: null, ended: null };
      const socket = connect({ host: address, port });
      const say = () => socket.write("still here\n");
      socket.once("connect", () => {
        this.held.push(one);
        const timer = setInterval(say, MESSAGE_EVERY_MS);
        socket.once("close", () => clearInterval(timer));
        resolve(true);
      });
      socket.on("data", () => {
        one.lastEchoAt = Date.now();
      });
      socket.on("error", (error) => {
        one.ended = error.message;
        reject(error);
      });
      socket.on("close", () => {
        one.ended ??= "closed by the other side";
      });
    });
  }

  read(): HeldConnection[] {
    return this.held;
  }
}
