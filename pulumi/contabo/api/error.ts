/**
 * What went wrong, by what may be done about it:
 *
 * - `refused`: asking again changes nothing; a person has to do something;
 * - `missing`: there is no such instance;
 * - `unsure`: the call may have been carried out or not (a time-out, a server error): look before asking again;
 * - `unfinished`: it was carried out, and did not come to an end in time.
 */
export type ContaboFault = "refused" | "missing" | "unsure" | "unfinished";

/**
 * A call to Contabo that failed. Its message is for people, and has the hint in it, since Pulumi shows nothing else. It has no `cause` on
 * purpose: the errors of an HTTP client hold the request, and that the token.
 */
export class ContaboError extends Error {
  /**
   * @param what what is wrong, without a full stop
   * @param hint what to do, without a full stop
   */
  constructor(
    readonly fault: ContaboFault,
    readonly what: string,
    readonly hint: string,
  ) {
    super(`${what}. Hint: ${hint}`);
    this.name = "ContaboError";
  }
}
