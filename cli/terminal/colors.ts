import picocolors from "picocolors";
import type { Colors } from "../context.js";

export interface ColorSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTty: boolean;
  /** `--no-color` was given. */
  readonly off: boolean;
}

/**
 * Whether to colour a stream. `NO_COLOR` (no-color.org) wins over `FORCE_COLOR`; both count only when they are not empty.
 * picocolors' own test is not used, since it colours pipes wherever `CI` is set.
 */
export function wantsColor({ env, isTty, off }: ColorSettings): boolean {
  if (off || env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== "0";
  return isTty && env.TERM !== "dumb";
}

export function colorsFor(settings: ColorSettings): Colors {
  return picocolors.createColors(wantsColor(settings));
}
