// `silent-consul.mjs FILE ADDRESS`: stands in for the DNS of a Consul that has no leader: it says nothing, until FILE is there. From then
// on every name has ADDRESS.
import { createSocket } from "node:dgram";
import { existsSync } from "node:fs";

const [, , file, address] = process.argv;
const HEADER_BYTES = 12;
const TYPE_A = 1;

/** The answer to a query with one question. */
function answer(query) {
  // Labels up to the empty one, the type, and the class.
  let end = HEADER_BYTES;
  while (query[end] !== 0) end += query[end] + 1;
  const isA = query.readUInt16BE(end + 1) === TYPE_A;
  const header = Buffer.from(query.subarray(0, HEADER_BYTES));
  // An authoritative response without an error; one question, and no more than an answer.
  header.writeUInt16BE(0x8400, 2);
  for (const [index, count] of [1, isA ? 1 : 0, 0, 0].entries()) header.writeUInt16BE(count, 4 + 2 * index);
  // The name of the question, class IN, a TTL of nothing, and four bytes.
  const record = [0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split(".").map(Number)];
  return Buffer.concat([header, query.subarray(HEADER_BYTES, end + 5), Buffer.from(isA ? record : [])]);
}

const socket = createSocket("udp4");
socket.on("message", (query, { port, address: from }) => {
  if (existsSync(file)) socket.send(answer(query), port, from);
});
socket.bind(8600, "127.0.0.1");
