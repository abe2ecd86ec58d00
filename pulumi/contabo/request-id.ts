import { createHash } from "node:crypto";

/**
 * A request id that follows from a name, so that a run which was killed finds its own request again. In the form of a UUID of version 5
 * (RFC 9562, 5.5), since Contabo takes nothing else.
 */
export function requestIdOf(name: string): string {
  const bytes = createHash("sha1").update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
