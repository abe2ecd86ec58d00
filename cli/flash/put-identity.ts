import { spawn } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../generators/model/problem.js";
import { IDENTITY_FILE } from "../identity/files.js";

/**
 * Mounts the card's root in a mount namespace of its own, which goes with the process: whatever ends it, nothing stays
 * mounted, and nobody else sees into it. The identity comes by stdin. What the card holds afterwards goes to stdout. No
 * symbolic link of the image leads out of the card.
 */
const SCRIPT = `
set -eu
umask 077
partition=$1 folder=$2
mount -t ext4 -o nosuid,nodev,noexec "$partition" "$folder"
cd "$folder"
for part in etc etc/meshflake; do
  if [ -L "$part" ]; then echo "/$part is a symbolic link in this image" >&2; exit 1; fi
done
[ -d etc ] || mkdir -m 755 etc
[ -d etc/meshflake ] || mkdir etc/meshflake
chmod 700 etc/meshflake
rm -f etc/meshflake/.identity
cat > etc/meshflake/.identity
sync etc/meshflake/.identity
mv -f -T etc/meshflake/.identity ${IDENTITY_FILE}
cd /
umount "$folder"
blockdev --flushbufs "$partition"
# A desktop may have mounted the new partition meanwhile; read-only does not go together with that.
mount -t ext4 -o ro,nosuid,nodev,noexec "$partition" "$folder" 2>/dev/null ||
  mount -t ext4 -o nosuid,nodev,noexec "$partition" "$folder"
cat "$folder/${IDENTITY_FILE}"
umount "$folder"
`;

interface Run {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

function runScript(partition: string, folder: string, identity: string): Promise<Run> {
  return new Promise((resolve, reject) => {
    const args = ["--mount", "--propagation", "private", "sh", "-c", SCRIPT, "sh", partition, folder];
    const child = spawn("unshare", args, { stdio: ["pipe", "pipe", "pipe"] });
    let [output, errors] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output, errors }));
    // It may end before it has read; its exit code says why.
    child.stdin.on("error", () => {});
    child.stdin.end(identity);
  });
}

/**
 * Puts the identity onto a root partition, and reads it back.
 * @param partition a device file
 * @throws UserError where that fails
 */
export async function putIdentity(partition: string, identity: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "meshflake-card-"));
  try {
    const { code, output, errors } = await runScript(partition, folder, identity);
    const reason = errors.trim().split("\n").at(-1);
    if (code !== 0) {
      const why = reason ? `: ${reason}` : "";
      throw new UserError(`the identity could not be put onto ${partition}${why}`, "write the card again", 1);
    }
    if (output !== identity) {
      throw new UserError("the card does not give the identity back as it was written", "take another card", 1);
    }
  } finally {
    rmdirSync(folder);
  }
}
