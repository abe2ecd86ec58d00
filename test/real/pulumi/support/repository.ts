import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { putLock, readLock } from "../../../support/locks.js";

/** Copies of this repository's fleets, to change. */

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** A fleet's host files in a folder of their own. */
export class Repository {
  private constructor(readonly root: string) {}

  /** @param source the fleet's folder in this repository, e.g. `examples/pis-and-proxmox`; empty for the reference fleet */
  static copy(source: string): Repository {
    const folder = mkdtempSync(join(tmpdir(), "meshflake-fleet-"));
    // Host files name files of `nix/`.
    for (const part of ["hosts", "nix"].filter((name) => existsSync(join(root, source, name))))
      cpSync(join(root, source, part), join(folder, part), { recursive: true });
    return new Repository(folder);
  }

  add(host: string, text: string): void {
    writeFileSync(join(this.root, "hosts", `${host}.ts`), `import fleet from "./fleet";\n\nexport default ${text};\n`);
  }

  remove(host: string): void {
    rmSync(join(this.root, "hosts", `${host}.ts`));
  }

  /** @throws Error where the file does not have the text */
  edit(file: string, from: string, to: string): void {
    const path = join(this.root, "hosts", file);
    const text = readFileSync(path, "utf8");
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    writeFileSync(path, text.replace(from, to));
  }

  /** Writes a field of a host's entry in the lock, as commands do. */
  setLock(host: string, field: string, value: unknown): void {
    const lock = readLock(this.root);
    putLock(this.root, { ...lock, hosts: { ...lock.hosts, [host]: { ...lock.hosts[host], [field]: value } } });
  }
}
