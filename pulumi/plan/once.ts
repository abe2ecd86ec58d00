/**
 * Settings that hold for one run of the program: variables of its process, which end with it however it ends. A stack's settings would
 * stay where the run is killed, and would make the machine anew with every update from then on.
 */

/** The variable of each setting. */
export const ONCE = {
  replace: "MESHFLAKE_REPLACE",
  unlock: "MESHFLAKE_UNLOCK",
  relock: "MESHFLAKE_RELOCK",
} as const;

/** Which host's machine is made anew, if any, in the update that runs. */
export interface OnceSettings {
  /** The host whose machine is made anew. */
  readonly replace?: string;
  /** The host whose machine is unlocked, so that the next update can make it anew: a provider lets nobody delete a locked one. */
  readonly unlock?: string;
  /** The host whose machine was made anew, and is protected again. */
  readonly relock?: string;
}

/** @param env the variables of the program's process */
export function readOnce(env: Readonly<Record<string, string | undefined>>): OnceSettings {
  const [replace, unlock, relock] = [env[ONCE.replace], env[ONCE.unlock], env[ONCE.relock]];
  return { ...(replace && { replace }), ...(unlock && { unlock }), ...(relock && { relock }) };
}
