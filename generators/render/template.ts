import { templates } from "./generated/templates.js";
import { type Printable, printBindings, printNix } from "./nix.js";

/** Templates hold a file's layout: its head, comments and the order of its parts. Every value goes through the Nix printer. */

interface HelperOptions {
  readonly hash: { readonly indent?: number };
}

const MODULE_INDENT = 2;

const helpers = {
  bindings: (set: object) => printBindings(set, { indent: MODULE_INDENT }),
  nix: (value: Printable, { hash }: HelperOptions) => printNix(value, hash),
};

/** Prints a template. @param name the file's name in `templates/` less `.nix.hbs` */
export function renderTemplate(name: string, context: Readonly<Record<string, unknown>>): string {
  const template = templates[name];
  if (template === undefined) throw new RangeError(`no template ${name}`);
  return template(context, { helpers });
}
