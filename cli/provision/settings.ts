import type { Stack } from "@pulumi/pulumi/automation/index.js";

/** Settings of a stack that hold for a few updates, and are gone afterwards. */

/** By name, without their namespace. */
export type StackSettings = Readonly<Record<string, string>>;

const NAMESPACE = "meshflake";

/**
 * Runs updates with more settings. An interrupt ends Pulumi, which shares the terminal with us, and not us: the settings must go again.
 * @param settings e.g. `{ replace: "miki" }`
 */
export async function withSettings<T>(stack: Stack, settings: StackSettings, work: () => Promise<T>): Promise<T> {
  const stay = () => {};
  process.on("SIGINT", stay);
  try {
    for (const [name, value] of Object.entries(settings)) await stack.setConfig(`${NAMESPACE}:${name}`, { value });
    return await work();
  } finally {
    for (const name of Object.keys(settings)) await stack.removeConfig(`${NAMESPACE}:${name}`);
    process.off("SIGINT", stay);
  }
}
