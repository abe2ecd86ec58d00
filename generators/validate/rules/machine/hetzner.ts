import type { Finding, Rule, RuleContext } from "../../rule.js";
import { eachHost, quote, suggestOr } from "../support.js";

/** What Hetzner sells where; from the server types and locations of its Cloud API. */

const LOCATIONS = ["fsn1", "nbg1", "hel1", "ash", "hil", "sin"] as const;
const EUROPE = new Set<string>(["fsn1", "nbg1", "hel1"]);

/** Series that end in a size: shared Intel and AMD (CX), shared AMD (CPX), dedicated AMD (CCX), shared Ampere (CAX). */
const TYPES = [
  ...["cx22", "cx23", "cx32", "cx33", "cx42", "cx43", "cx52", "cx53"],
  ...["cpx11", "cpx12", "cpx21", "cpx22", "cpx31", "cpx32", "cpx41", "cpx42", "cpx51", "cpx52", "cpx62"],
  ...["ccx13", "ccx23", "ccx33", "ccx43", "ccx53", "ccx63"],
  ...["cax11", "cax21", "cax31", "cax41"],
];
const KNOWN_TYPES = new Set(TYPES);
/** CX and CAX are sold in Europe only. */
const EUROPEAN = /^c(?:a)?x\d/;

function* eachServer(context: RuleContext) {
  for (const [name, input] of eachHost(context)) if (input.platform === "hetznerVm") yield { name, input };
}

function* checkLocations(context: RuleContext): Iterable<Finding> {
  for (const { name, input } of eachServer(context)) {
    const { location, serverType } = input;
    const at = (key: string) => context.inputs.originsOf(name, [key]);
    if (!LOCATIONS.some((known) => known === location)) {
      const hint = suggestOr(location, LOCATIONS, "look at Hetzner's list of locations");
      yield { at: at("location"), message: `Hetzner has no location ${quote(location)}`, hint };
    } else if (EUROPEAN.test(serverType) && !EUROPE.has(location)) {
      const arm = serverType.startsWith("cax");
      const message = `the server type ${serverType} (${arm ? "aarch64" : "x86_64"}) does not exist at ${location}`;
      const hint = arm
        ? "Hetzner has aarch64 at fsn1, nbg1 and hel1 only; take one of these, or a cpx or ccx type"
        : "Hetzner has cx types at fsn1, nbg1 and hel1 only; take one of these, or a cpx or ccx type";
      yield { at: at("serverType"), message, hint };
    }
  }
}

export const hetznerLocation: Rule = {
  code: "hetzner-location",
  severity: "error",
  title: "A Hetzner server stands where Hetzner sells its type",
  why: "Hetzner's API refuses an unknown location, and a type that it does not have there, but only in the middle of a rollout. Arm servers (`cax`) and the cheap `cx` types exist in Europe alone.",
  needs: "fleet",
  check: checkLocations,
};

function* checkTypes(context: RuleContext): Iterable<Finding> {
  for (const { name, input } of eachServer(context)) {
    if (KNOWN_TYPES.has(input.serverType)) continue;
    const at = context.inputs.originsOf(name, ["serverType"]);
    const hint = suggestOr(input.serverType, TYPES, "go on if Hetzner sells it by now");
    yield { at, message: `${quote(input.serverType)} is no server type of Hetzner that is known here`, hint };
  }
}

export const hetznerType: Rule = {
  code: "hetzner-type",
  severity: "warning",
  title: "A Hetzner server has a type that exists",
  why: "The type decides about processor architecture, memory and price. Hetzner adds types from time to time, so an unknown one is only a warning; most often it is a slip of two digits.",
  needs: "fleet",
  check: checkTypes,
};

/** GiB; Hetzner's limits of a volume. */
const [LEAST, MOST] = [10, 10240];

function* checkVolumes(context: RuleContext): Iterable<Finding> {
  for (const { name, input } of eachServer(context)) {
    for (const [key, { size, mount }] of Object.entries(input.volumes ?? {})) {
      const at = (field: string) => context.inputs.originsOf(name, ["volumes", key, field]);
      if (size < LEAST || size > MOST) {
        const message = `a volume of ${size} GiB is outside Hetzner's ${LEAST} to ${MOST}`;
        yield { at: at("size"), message, hint: `choose at least ${LEAST}` };
      }
      if (mount.startsWith("/") && mount !== "/") continue;
      const message = `${quote(mount)} is no folder that a volume can be mounted at`;
      yield { at: at("mount"), message, hint: "write an absolute path, such as /srv/data" };
    }
  }
}

export const hetznerVolume: Rule = {
  code: "hetzner-volume",
  severity: "error",
  title: "A Hetzner volume has a size that Hetzner sells and a folder to be mounted at",
  why: "Hetzner's API refuses volumes below 10 GiB, and systemd a mount point that is no absolute path.",
  needs: "fleet",
  check: checkVolumes,
};
