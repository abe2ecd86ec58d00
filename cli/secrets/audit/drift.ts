import { type AdminDrift, findAdminDrift } from "../../../generators/model/made-for.js";
import { joinNames } from "../../terminal/words.js";
import type { Secrets } from "../session.js";

/** Files that one branch made for the admins that it knew, while another one changed these. */

/** The drift of a fleet's secrets, each in a sentence without a full stop; by person. */
export function describeDrift({ fleet, lock, specs }: Secrets): readonly { drift: AdminDrift; message: string }[] {
  const found = findAdminDrift(fleet, lock, specs.values());
  const byPerson = [...found].sort((a, b) => (a.admin < b.admin ? -1 : a.admin > b.admin ? 1 : 0));
  return byPerson.map((drift) => ({ drift, message: describe(drift, nameFiles(drift)) }));
}

function describe({ kind, admin, known }: AdminDrift, files: string): string {
  switch (kind) {
    case "came":
      return known
        ? `the new key of ${admin} cannot read ${files}, made without it`
        : `${admin} cannot read ${files}, made before they came`;
    case "left":
      return `${admin} can read ${files}, made before they left`;
    case "changed":
      return `a key that ${admin} gave up can read ${files}, made before that`;
    default:
      return kind satisfies never;
  }
}

/** More names than this are only counted. */
const NAMES_SHOWN = 6;

function nameFiles({ owners, names }: AdminDrift): string {
  const some = (all: readonly string[]) =>
    all.length > NAMES_SHOWN
      ? joinNames([...all.slice(0, NAMES_SHOWN), `${all.length - NAMES_SHOWN} others`])
      : joinNames(all);
  const parts = [
    ...(owners.length > 0 ? [`the files of ${some(owners)}`] : []),
    ...(names.length > 0 ? [some(names)] : []),
  ];
  return parts.join(", and ");
}
