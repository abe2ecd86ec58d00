import { UserError } from "../../generators/model/problem.js";

/** @throws UserError where it is no port */
export function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65536) return port;
  throw new UserError(`\`${text}\` is no port`, "ports are numbers from 1 to 65535");
}
