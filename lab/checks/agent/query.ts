/** A DNS query: what agents send, since resolvers answer it on every host and an echo is an answer as well. */

/** Sizes in bytes, from RFC 1035 (4.1.1 and 4.2.2). */
const HEADER = 12;
const QUESTION = 5;
export const LENGTH_PREFIX = 2;

/** @param id from 0 to 65535; the answer carries it */
export function encodeQuery(id: number): Buffer {
  const query = Buffer.alloc(HEADER + QUESTION);
  query.writeUInt16BE(id, 0);
  // One question: the root's NS records, class IN. Whoever may not ask is refused, which is an answer too.
  query.writeUInt16BE(1, 4);
  query.writeUInt16BE(2, HEADER + 1);
  query.writeUInt16BE(1, HEADER + 3);
  return query;
}

/** For TCP, where the length comes first. */
export function encodeTcpQuery(id: number): Buffer {
  const query = encodeQuery(id);
  const prefix = Buffer.alloc(LENGTH_PREFIX);
  prefix.writeUInt16BE(query.length);
  return Buffer.concat([prefix, query]);
}

/** The number of the query that a datagram answers; null where it is too short. */
export function decodeId(answer: Buffer): number | null {
  return answer.length < HEADER ? null : answer.readUInt16BE(0);
}
