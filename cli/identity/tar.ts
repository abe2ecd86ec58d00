/** The POSIX archive format (ustar, IEEE Std 1003.1, pax), as far as a few small files of root's need it. */

const BLOCK = 512;

export interface TarEntry {
  /** Without a slash at its start or end; at most 100 bytes. */
  readonly path: string;
  readonly mode: number;
  /** What a file holds; a folder has none. */
  readonly data?: Uint8Array;
}

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, "0")}\0`;
}

/** One second past time zero, which tar programs take for a mistake; and root as owner by number and name: the same bytes every time, whoever packs. */
function headerOf({ path, mode, data }: TarEntry): Buffer {
  const header = Buffer.alloc(BLOCK);
  const name = data === undefined ? `${path}/` : path;
  if (Buffer.byteLength(name) > 100) throw new RangeError(`a path of ${name.length} characters does not fit`);
  header.write(name, 0);
  header.write(octal(mode, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(data?.length ?? 0, 11), 124);
  header.write(octal(1, 11), 136);
  header.write(data === undefined ? "5" : "0", 156);
  header.write("ustar\u000000", 257);
  header.write("root", 265);
  header.write("root", 297);
  // The checksum is that of the header with blanks in the checksum's place.
  header.fill(" ", 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)} `, 148);
  return header;
}

/** Packs entries in the given order. @throws RangeError where a path is too long for the format */
export function packTar(entries: readonly TarEntry[]): Buffer {
  const parts = entries.flatMap((entry) => {
    const { data = new Uint8Array() } = entry;
    return [headerOf(entry), data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}
