import type { Call, Cloud } from "../stand-in/cloud.js";

/** What a provider was asked to do. */
export class Calls {
  constructor(readonly all: readonly Call[]) {}

  /** The one successful create of a thing. @throws Error where there is none, or more than one */
  create(name: string): Call {
    const [call, ...more] = this.all.filter(
      (one) => one.verb === "create" && one.name === name && one.failed === undefined,
    );
    if (call === undefined || more.length > 0) throw new Error(`${name} was created ${more.length} times too often`);
    return call;
  }
}

export function parseCalls(cloud: Cloud): Calls {
  return new Calls(cloud.read().calls);
}
