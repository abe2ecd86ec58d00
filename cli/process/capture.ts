import { spawn } from "node:child_process";
import { constants } from "node:os";
import { text } from "node:stream/consumers";

export interface Captured {
  /** That of a shell where a signal ended the program. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, with this process's input. */
export async function captureProgram(
  program: string,
  args: readonly string[],
  { env }: { readonly env: NodeJS.ProcessEnv },
): Promise<Captured> {
  const child = spawn(program, args, { env, stdio: ["inherit", "pipe", "pipe"] });
  const ended = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { exitCode, stdout, stderr };
}
