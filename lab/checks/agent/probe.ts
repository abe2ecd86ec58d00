import { createSocket } from "node:dgram";
import { connect, createServer, isIPv6 } from "node:net";
import type { Orders, Target } from "./protocol.js";
import { encodeQuery, encodeTcpQuery, LENGTH_PREFIX } from "./query.js";

/** Listens, and asks once. */

/** Echoes until the agent ends. */
export async function listen({ address, port, protocols }: Orders["listen"]["takes"]): Promise<boolean> {
  const done = await Promise.all(
    protocols.map((protocol) => (protocol === "tcp" ? listenTcp(address, port) : listenUdp(address, port))),
  );
  return done.every(Boolean);
}

function listenTcp(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.pipe(socket);
    });
    server.once("error", () => resolve(false));
    server.listen({ host, port, ipv6Only: isIPv6(host) }, () => resolve(true));
  });
}

function listenUdp(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: isIPv6(address) ? "udp6" : "udp4", ipv6Only: isIPv6(address) });
    socket.once("error", () => resolve(false));
    socket.on("message", (message, from) => socket.send(message, from.port, from.address, () => undefined));
    socket.bind(port, address, () => resolve(true));
  });
}

/** Asks each target once, all at the same time. */
export function probe({ protocol, targets, timeoutMs }: Orders["probe"]["takes"]): Promise<(number | null)[]> {
  const ask = protocol === "tcp" ? askTcp : askUdp;
  return Promise.all(targets.map((target) => ask(target, timeoutMs)));
}

/** Opens a connection, asks and waits for the first bytes of an answer. */
function askTcp({ address, port }: Target, timeoutMs: number): Promise<number | null> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (answered: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answered ? performance.now() - begun : null);
    };
    const timer = setTimeout(end, timeoutMs, false);
    socket.on("connect", () => socket.write(encodeTcpQuery(1)));
    socket.on("data", (data: Buffer) => end(data.length > LENGTH_PREFIX));
    socket.on("error", () => end(false));
    socket.on("close", () => end(false));
  });
}

/** Sends up to three times, as resolvers do: one lost packet says nothing. */
function askUdp({ address, port }: Target, timeoutMs: number): Promise<number | null> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    const send = () => socket.send(encodeQuery(1), port, address, () => undefined);
    const end = (answered: boolean) => {
      clearTimeout(timer);
      clearInterval(again);
      socket.close();
      resolve(answered ? performance.now() - begun : null);
    };
    const timer = setTimeout(end, timeoutMs, false);
    const again = setInterval(send, timeoutMs / 3);
    socket.once("message", () => end(true));
    socket.once("error", () => end(false));
    send();
  });
}
