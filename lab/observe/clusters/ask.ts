import { runIn } from "../../machine/enter.js";

/** Consul's and Nomad's HTTP APIs, asked with curl inside of a host: its loopback and its mesh are nobody else's. */

/** Who is asked. */
export type Daemon = "consul" | "nomad";

/** HTTP ports on loopback, from the port tables in Consul's and Nomad's documentation. */
const API_PORTS: Readonly<Record<Daemon, number>> = { consul: 8500, nomad: 4646 };
/** Ends each body: JSON never holds this character raw. */
const SEPARATOR = "\u001e";
const DEFAULT_TIMEOUT_MS = 5_000;

/** A request to an HTTP API. */
export interface Question {
  /** Below `/v1/`, with its query. */
  readonly path: string;
  /** @default GET */
  readonly method?: "GET" | "PUT" | "POST" | "DELETE";
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** What came back. */
export interface Answer {
  readonly path: string;
  /** The HTTP status; 0 where nobody answered. */
  readonly status: number;
  readonly text: string;
}

/** How to ask. */
export interface AskOptions {
  /** An ACL token; without one the question is an anonymous one. */
  readonly token?: string | null;
  /** Where the API listens. @default 127.0.0.1 */
  readonly address?: string;
  /** For each question. @default 5000 */
  readonly timeoutMs?: number;
}

/**
 * Asks one daemon several questions, one after the other, with one process. Token and bodies travel on stdin, since
 * arguments are everybody's to read.
 * @param pid the host's first process
 * @returns an answer a question, in their order; never throws for a daemon that is not there
 */
export async function ask(
  pid: number,
  daemon: Daemon,
  questions: readonly Question[],
  options: AskOptions = {},
): Promise<Answer[]> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const input = curlConfig(daemon, questions, options);
  const { stdout } = await runIn(pid, ["curl", "--config", "-"], {
    input,
    timeoutMs: timeoutMs * questions.length + 2_000,
  });
  return readAnswers(questions, stdout);
}

/** What curl reads from stdin; exported for the tests. */
export function curlConfig(daemon: Daemon, questions: readonly Question[], options: AskOptions): string {
  const { token = null, address = "127.0.0.1", timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const header = daemon === "consul" ? "X-Consul-Token" : "X-Nomad-Token";
  const host = address.includes(":") ? `[${address}]` : address;
  const sections = questions.map(({ path, method = "GET", body }) =>
    [
      "silent",
      "globoff",
      `max-time = ${timeoutMs / 1_000}`,
      `url = ${quote(`http://${host}:${API_PORTS[daemon]}/v1/${path}`)}`,
      `request = ${method}`,
      `write-out = ${quote(`${SEPARATOR}%{http_code}${SEPARATOR}`)}`,
      ...(token === null ? [] : [`header = ${quote(`${header}: ${token}`)}`]),
      ...(body === undefined ? [] : [`data-binary = ${quote(JSON.stringify(body))}`]),
    ].join("\n"),
  );
  return `${sections.join("\nnext\n")}\n`;
}

/** A string of a curl config file. */
function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** Takes curl's output apart; exported for the tests. */
export function readAnswers(questions: readonly Question[], stdout: string): Answer[] {
  const parts = stdout.split(SEPARATOR);
  return questions.map(({ path }, index) => ({
    path,
    status: Number(parts[2 * index + 1] ?? 0),
    text: parts[2 * index] ?? "",
  }));
}

/** The answer as data; null unless it is a 200 with JSON. `read` picks what is needed from data of unknown shape. */
export function readJson<T>(answer: Answer | undefined, read: (value: unknown) => T): T | null {
  if (answer?.status !== 200) return null;
  try {
    return read(JSON.parse(answer.text));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
