import { ONCE, type OnceSettings } from "../../pulumi/plan/once.js";

/** Settings that hold for one update: the program runs in this process, and reads them from its environment. */

/**
 * Runs an update with these settings alone, whatever the environment had. An interrupt ends Pulumi, which shares the terminal with us,
 * and not us: what it left is said in the end.
 * @param settings e.g. `{ replace: "miki" }`
 */
export async function withSettings<T>(settings: OnceSettings, work: () => Promise<T>): Promise<T> {
  const stay = () => {};
  const before = Object.values(ONCE).map((name) => [name, process.env[name]] as const);
  process.on("SIGINT", stay);
  try {
    setVariables([
      [ONCE.replace, settings.replace],
      [ONCE.unlock, settings.unlock],
      [ONCE.relock, settings.relock],
    ]);
    return await work();
  } finally {
    setVariables(before);
    process.off("SIGINT", stay);
  }
}

function setVariables(values: readonly (readonly [name: string, value: string | undefined])[]): void {
  for (const [name, value] of values) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}
