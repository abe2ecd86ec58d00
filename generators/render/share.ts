/**
 * Shares equal parts between hosts: what follows from a few plain values is made once for each combination of them. The same
 * object then prints from memory. Nobody may change it.
 */
export function shareBy<Values extends readonly (string | number | boolean)[], Part>(
  make: (...values: Values) => Part,
): (...values: Values) => Part {
  const known = new Map<string, Part>();
  return (...values) => {
    const key = values.join("\n");
    const found = known.get(key);
    if (found !== undefined) return found;
    const part = make(...values);
    known.set(key, part);
    return part;
  };
}
