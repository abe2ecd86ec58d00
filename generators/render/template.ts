import { templates } from "./generated/templates.js";
import { type Printable, printBindings, printNix } from "./nix/nix.js";

/** Templates hold a file's layout: its head, comments and the order of its parts. Every value goes through the Nix printer. */

interface HelperOptions {
  readonly hash: { readonly indent?: number };
}

const MODULE_INDENT = 2;

/** Parts that hosts share are printed once. */
const printed = new WeakMap<object, string>();

function printPart(part: object): string {
  const known = printed.get(part);
  if (known !== undefined) return known;
  const text = printBindings(part, { indent: MODULE_INDENT });
  printed.set(part, text);
  return text;
}

const helpers = {
  bindings: printPart,
  nix: (value: Printable, { hash }: HelperOptions) => printNix(value, hash),
};

/** Prints a template. @param name the file's name in `templates/` less `.nix.hbs` */
export function renderTemplate(name: string, context: Readonly<Record<string, unknown>>): string {
  const template = templates[name];
  if (template === undefined) throw new RangeError(`no template ${name}`);
  return template(context, { helpers });
}
