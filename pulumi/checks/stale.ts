import type { Problem } from "../../generators/model/problem.js";
import { ONCE } from "../plan/once.js";
import type { Lookup } from "./credentials.js";
import { stackProblem } from "./problem.js";

/**
 * Whether the stack's settings make a machine anew, or unlock one. Such a setting would hold for every update: at Contabo each one would
 * erase the disk again.
 * @param setting looks up a setting of the stack
 */
export function checkStaleSettings(setting: Lookup): Problem[] {
  return Object.keys(ONCE).flatMap((name) => {
    const key = `meshflake:${name}`;
    const host = setting(key);
    if (host === undefined) return [];
    const hint = `pulumi config rm ${key}; meshflake provision --replace ${host} makes its machine anew, once`;
    return [stackProblem(`the setting ${key} would hold for every update`, hint)];
  });
}
