/** Progress on stderr: one line that changes on a terminal, plain lines elsewhere. */
export interface Progress {
  /** Says what starts now; a terminal shows only the latest step. */
  step(text: string): void;
  /** Says something that stays. */
  note(text: string): void;
  /** Takes the step off the screen, before anything else is printed. */
  clear(): void;
}

const ERASE_LINE = "\r\u001b[2K";

/**
 * No spinner: what takes time here is computing, and a timer does not fire meanwhile.
 * @param stream stderr
 * @param quiet prints nothing at all
 */
export function createProgress(
  stream: { readonly isTTY?: boolean; write(text: string): unknown },
  quiet: boolean,
): Progress {
  const terminal = stream.isTTY === true;
  let shown = false;
  const clear = () => {
    if (shown) stream.write(ERASE_LINE);
    shown = false;
  };
  const print = (text: string, stays: boolean) => {
    if (quiet) return;
    clear();
    stream.write(stays || !terminal ? `${text}\n` : text);
    shown = terminal && !stays;
  };
  return { step: (text) => print(`${text} …`, false), note: (text) => print(text, true), clear };
}
