/** The notations of systemd and Unbound, as far as the lab's comparison with NixOS reads them. */

/**
 * A unit of systemd: `Section:Key=value`, in the file's order. Sections that come again are numbered: `Route`, `Route.2`.
 */
export function parseIni(text: string): string[] {
  const seen = new Map<string, number>();
  let section = "";
  return text.split("\n").flatMap((line) => {
    const [, name] = /^\[(.*)\]$/.exec(line) ?? [];
    if (name !== undefined) {
      section = numbered(seen, name);
      return [];
    }
    return line.includes("=") ? [`${section}:${line}`] : [];
  });
}

/** A section's name, with its number from the second on. */
export function numbered(seen: Map<string, number>, name: string): string {
  const count = (seen.get(name) ?? 0) + 1;
  seen.set(name, count);
  return count === 1 ? name : `${name}.${count}`;
}

/** unbound.conf: values by `section.key`, those of a key that comes several times one after the other. */
export function parseUnbound(text: string): Map<string, string> {
  const values = new Map<string, string>();
  const seen = new Map<string, number>();
  let section = "";
  for (const line of text.split("\n").filter((one) => one.trim() !== "")) {
    const [, indent = "", key = "", value = ""] = /^(\s*)([\w-]+):\s*(.*)$/.exec(line) ?? [];
    if (indent === "") section = numbered(seen, key);
    else values.set(`${section}.${key}`, [values.get(`${section}.${key}`) ?? [], value].flat().join("\n"));
  }
  return values;
}
