import { createSocket } from "node:dgram";
import { connect, isIPv6 } from "node:net";
import type { Orders } from "./protocol.js";

/** Knocks on many ports of one address. */

/** Datagrams sent in a row, before others get their turn: queues on the way hold a thousand packets, Linux's default. */
const BURST = 250;
const BURST_PAUSE_MS = 5;

/** Connects to every port; a port counts when the connection is made. */
export async function scan({ address, ports, parallel, timeoutMs }: Orders["scan"]["takes"]): Promise<number[]> {
  const accepted: number[] = [];
  const rest = ports.values();
  const work = async () => {
    for (const port of rest) if (await accepts(address, port, timeoutMs)) accepted.push(port);
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return accepted.sort((a, b) => a - b);
}

function accepts(host: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (accepted: boolean) => {
      clearTimeout(timer);
      // Without the wait of a closed connection, which would keep its port.
      socket.resetAndDestroy();
      resolve(accepted);
    };
    const timer = setTimeout(end, timeoutMs, false);
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}

export async function spray({ address, ports }: Orders["spray"]["takes"]): Promise<true> {
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  socket.on("error", () => undefined);
  const message = Buffer.from("knock");
  for (let first = 0; first < ports.length; first += BURST) {
    const burst = ports.slice(first, first + BURST);
    await Promise.all(
      burst.map((port) => new Promise<void>((resolve) => socket.send(message, port, address, () => resolve()))),
    );
    await new Promise((resolve) => setTimeout(resolve, BURST_PAUSE_MS));
  }
  socket.close();
  return true;
}
