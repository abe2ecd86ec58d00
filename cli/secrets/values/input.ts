import { UserError } from "../../../generators/model/problem.js";

/** What a person types or pipes in. */

/** Ctrl+C, Ctrl+D, Backspace and Delete, as a terminal sends them in raw mode. */
const [INTERRUPT, END, BACKSPACE, DELETE] = ["\u0003", "\u0004", "\b", "\u007f"];

/**
 * Reads a value: all of stdin; from a terminal one line, which is not shown.
 * @throws UserError where there is none
 */
export async function readValue(prompt: string): Promise<Buffer> {
  const { stdin } = process;
  const value = stdin.isTTY ? await readHidden(prompt) : await readAll();
  if (value.length > 0) return value;
  throw new UserError("the value is empty, and nothing was written", "pipe it in: meshflake secrets set NAME < FILE");
}

async function readAll(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function readHidden(prompt: string): Promise<Buffer> {
  const { stdin, stderr } = process;
  stderr.write(prompt);
  stdin.setRawMode(true).setEncoding("utf8").resume();
  return new Promise((resolve, reject) => {
    let line = "";
    const end = () => {
      stdin.off("data", take).setRawMode(false).pause();
      stderr.write("\n");
    };
    const take = (text: string) => {
      for (const letter of text) {
        if (letter === INTERRUPT) {
          end();
          reject(new UserError("interrupted, and nothing was written", undefined, 1));
          return;
        }
        if (letter === "\r" || letter === "\n" || letter === END) {
          end();
          resolve(Buffer.from(line));
          return;
        }
        line = letter === BACKSPACE || letter === DELETE ? [...line].slice(0, -1).join("") : line + letter;
      }
    };
    stdin.on("data", take);
  });
}
