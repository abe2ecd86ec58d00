import type { Failure } from "../report.js";

/** Whether a host asks the world's resolvers over TLS alone. Pure. */

/** Packets through the internet, while one host asked for a name that it cannot have known. */
export interface UpstreamSeen {
  /** To the resolvers' ports for DNS over TLS, by TCP. */
  readonly secure: number;
  /** To DNS' usual port, whosever it is, and to the resolvers' other ones. */
  readonly clear: number;
}

/** Whether a host asked the world's resolvers, and over TLS alone. */
export function judgeUpstream(host: string, { secure, clear }: UpstreamSeen): Failure[] {
  const look = `meshflake lab logs ${host} unbound`;
  return [
    ...(secure > 0
      ? []
      : [{ expected: `${host} asks upstream over TLS`, seen: "no packet to any resolver that speaks it", look }]),
    ...(clear === 0
      ? []
      : [{ expected: `${host} asks nobody without TLS`, seen: `${clear} packets in the clear`, look }]),
  ];
}
