/** The `age` command, for identities that only it can use: plugins and passphrases. It prompts on the terminal itself. */
import { spawn } from "node:child_process";
import { UserError } from "../../model/problem.js";

/** What `age` said when it failed. */
export class AgeFailure extends Error {}

/**
 * Decrypts with `age --decrypt`: the encrypted file goes in by stdin, the value comes by stdout. Nothing secret is in its arguments.
 * @param identity an identity file; null decrypts a file that a passphrase encrypted
 * @param why what needs the command, for the error
 * @param say gets what it says meanwhile, e.g. that a key is to be touched
 * @throws UserError where there is no `age`; AgeFailure where it fails
 */
export function runAge(
  data: Uint8Array,
  identity: string | null,
  why: string,
  say: (line: string) => void,
): Promise<Buffer> {
  const args = ["--decrypt", ...(identity === null ? [] : ["--identity", identity])];
  return new Promise((resolve, reject) => {
    const child = spawn("age", args, { stdio: ["pipe", "pipe", "pipe"] });
    const output: Buffer[] = [];
    let errors = "";
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
      for (const line of text.split("\n")) if (line.trim() !== "" && !/^age: (error|report)/.test(line)) say(line);
    });
    child.on("error", (cause: NodeJS.ErrnoException) => {
      if (cause.code !== "ENOENT") return reject(cause);
      const hint = "install age 1.1 or newer (https://age-encryption.org), and the plugin that the identity names";
      reject(new UserError(`${why}, which needs the \`age\` command, and it is not installed`, hint, 1));
    });
    child.on("close", (code) => {
      if (code === 0) resolve(Buffer.concat(output));
      else reject(new AgeFailure(errors.trim()));
    });
    // It may end before it has read everything; its exit code says why.
    child.stdin.on("error", () => {});
    child.stdin.end(data);
  });
}
