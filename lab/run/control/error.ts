/** What a request is refused for: the words are for people. */
export class LabError extends Error {
  override name = "LabError";

  /** @param status of HTTP: 400 for what makes no sense, 404 for what is not there, 409 for what does not go now */
  constructor(
    readonly status: 400 | 404 | 409,
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}
