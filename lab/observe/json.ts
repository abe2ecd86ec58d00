/** Reads JSON of others without trust in its shape: what is missing or of another type is empty. */

/** @returns the value's fields; none where it is no object */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}

/** @returns the value where it is a list; otherwise an empty one */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** @returns the value where it is a text; otherwise an empty one */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** @returns the value where it is a number; otherwise 0 */
export function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
