import type { Steps, WorldSpec } from "../spec.js";
import { buildWorld, type Construction } from "./build.js";

/** How a running world grows. */

/** What to add to a running world so that it becomes another one. What the other has no more stays where it is. */
export function siteDifference(before: WorldSpec, after: WorldSpec): Construction {
  const [old, next] = [buildWorld(before), buildWorld(after)];
  const cables = new Set(old.cables.map((cable) => JSON.stringify(cable)));
  const done = new Set(old.steps.flatMap(describe));
  return {
    namespaces: next.namespaces.filter((name) => !old.namespaces.includes(name)),
    cables: next.cables.filter((cable) => !cables.has(JSON.stringify(cable))),
    steps: next.steps.flatMap((steps) => without(steps, done)),
  };
}

function describe({ namespace, sysctl = {}, ip = [], nft = "" }: Steps): string[] {
  return [...Object.entries(sysctl).map(String), ...ip, nft].map((text) => `${namespace} ${text}`);
}

/** What is left of steps where some of it has been done; none where all of it has. */
function without({ namespace, sysctl = {}, ip = [], nft = "" }: Steps, done: ReadonlySet<string>): Steps[] {
  const isNew = (text: string): boolean => !done.has(`${namespace} ${text}`);
  const settings = Object.entries(sysctl).filter((entry) => isNew(String(entry)));
  const lines = ip.filter(isNew);
  const rules = nft !== "" && isNew(nft);
  if (settings.length === 0 && lines.length === 0 && !rules) return [];
  return [{ namespace, sysctl: Object.fromEntries(settings), ip: lines, ...(rules && { nft }) }];
}
