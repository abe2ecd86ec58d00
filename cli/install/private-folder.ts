import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** From statfs(2): what lies there never reaches a disk, swap aside. */
const TMPFS_MAGIC = 0x01021994;

function isUsable(folder: string | undefined): folder is string {
  if (folder === undefined || folder === "") return false;
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return statfsSync(folder).type === TMPFS_MAGIC;
  } catch {
    return false;
  }
}

/**
 * Runs `use` with a folder that nobody else can look into, in memory where the system has a place for that. It is gone
 * afterwards, however that ends; after SIGKILL alone it stays until the next start of the machine, if it is in memory.
 */
export async function withPrivateFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const base = [process.env.XDG_RUNTIME_DIR, "/dev/shm"].find(isUsable) ?? tmpdir();
  const folder = mkdtempSync(join(base, "meshflake-install-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const stop = (signal: NodeJS.Signals) => {
    remove();
    process.kill(process.pid, signal);
  };
  process.once("exit", remove).once("SIGINT", stop).once("SIGTERM", stop).once("SIGHUP", stop);
  try {
    return await use(folder);
  } finally {
    process.off("exit", remove).off("SIGINT", stop).off("SIGTERM", stop).off("SIGHUP", stop);
    remove();
  }
}
