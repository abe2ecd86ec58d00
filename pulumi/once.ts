/**
 * Settings that hold for one run of the program: variables of its process, which end with it however it ends. A stack's settings would
 * stay where the run is killed, and would make the machine anew with every update from then on. Nothing of Pulumi is imported, so that
 * the command line may load this file at once.
 */

/** The variable of each setting. */
export const ONCE = {
  replace: "MESHFLAKE_REPLACE",
  unlock: "MESHFLAKE_UNLOCK",
  relock: "MESHFLAKE_RELOCK",
} as const;

/** Hosts by setting. */
export type OnceSettings = { readonly [Name in keyof typeof ONCE]?: string };

/** @param env the variables of the program's process */
export function readOnce(env: Readonly<Record<string, string | undefined>>): OnceSettings {
  const [replace, unlock, relock] = [env[ONCE.replace], env[ONCE.unlock], env[ONCE.relock]];
  return { ...(replace && { replace }), ...(unlock && { unlock }), ...(relock && { relock }) };
}
