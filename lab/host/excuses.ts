/** How far a difference between NixOS and a lab may go. Pure. */

/** Values on both sides; undefined where a side has none. */
export interface Values {
  readonly where: string;
  readonly nixos: string | undefined;
  readonly lab: string | undefined;
}

type Excuse = (values: Values) => boolean;

/** The lab has nothing of it. */
export const nixosAlone: Excuse = ({ lab }) => lab === undefined;

/** NixOS has nothing of it. @param value what the lab has, where that is always the same */
export function labAlone(value?: string): Excuse {
  return ({ nixos, lab }) => nixos === undefined && (value === undefined || lab === value);
}

/** The lab has nothing of it, and NixOS one of these. @param known written as `WHERE=VALUE` */
export function anyOf(known: readonly string[]): Excuse {
  return ({ where, nixos, lab }) => lab === undefined && known.includes(`${where}=${nixos}`);
}

/** Both have what they always have. */
export function is(nixosValue: RegExp, labValue: string): Excuse {
  return ({ nixos, lab }) => nixosValue.test(nixos ?? "") && lab === labValue;
}

const same = (text: string): string => text;

/** Both have the same, once the difference is taken out. */
export function agree({
  nixos: ofNixos = same,
  lab: ofLab = same,
}: {
  nixos?: typeof same;
  lab?: typeof same;
}): Excuse {
  return ({ nixos = "", lab = "" }) => ofNixos(nixos) === ofLab(lab);
}

/**
 * NixOS has more in the middle: both begin in the same way, and the rest of the lab's is the end of NixOS's.
 * @param without what must not be in the middle
 */
export function ends({ begin, without }: { readonly begin: string; readonly without: RegExp }): Excuse {
  return ({ nixos = "", lab = "" }) => {
    const rest = lab.slice(begin.length);
    const more = nixos.slice(begin.length, nixos.length - rest.length);
    return nixos === begin + more + rest && lab === begin + rest && !without.test(more);
  };
}
