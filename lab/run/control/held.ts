/** An answer whose effect lasts as long as the connection: whoever asked for it may die at any moment. */
export class Held {
  /** @param undo what happens once the connection is closed, however that comes about */
  constructor(readonly undo: () => Promise<void>) {}
}
