import { createSocket } from "node:dgram";
import { connect, isIPv6, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Orders } from "./protocol.js";

/** Knocks on many ports of one address. */

/** Datagrams sent in a row, before others get their turn: queues on the way hold a thousand packets, Linux's default. */
const BURST = 250;
const BURST_PAUSE_MS = 5;

/**
 * Connects to every port, many at once; a port counts when its connection is made in time. One timer for all of a batch: tens of
 * thousands of sockets with one each cost more than the connections.
 */
export async function scan({ address, ports, parallel, timeoutMs }: Orders["scan"]["takes"]): Promise<number[]> {
  const accepted: number[] = [];
  for (let first = 0; first < ports.length; first += parallel) {
    const batch = ports.slice(first, first + parallel);
    const sockets = batch.map((port) => {
      const socket = connect({ host: address, port });
      socket.once("connect", () => accepted.push(port));
      socket.on("error", () => undefined);
      return socket;
    });
    await sleep(timeoutMs);
    for (const socket of sockets) close(socket);
  }
  return accepted.sort((a, b) => a - b);
}

/** A reset spares the wait of a closed connection, which would keep its port; one that is not made yet would be waited for. */
function close(socket: Socket): void {
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}

/** Sends each port one datagram, and waits for no answer. */
export async function spray({ address, ports }: Orders["spray"]["takes"]): Promise<true> {
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  socket.on("error", () => undefined);
  const message = Buffer.from("knock");
  for (let first = 0; first < ports.length; first += BURST) {
    const burst = ports.slice(first, first + BURST);
    await Promise.all(
      burst.map((port) => new Promise<void>((resolve) => socket.send(message, port, address, () => resolve()))),
    );
    await sleep(BURST_PAUSE_MS);
  }
  socket.close();
  return true;
}
