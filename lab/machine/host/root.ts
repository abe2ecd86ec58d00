import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FileSpec } from "../../spec.js";

/**
 * A host's root: a folder of its own with the machine's programs bound into it, read-only, and nothing else of the machine. Its
 * `/var` lives as long as the lab, as a disk does; everything else is new at each boot.
 */

/** The machine's folders with programs; those that it does not have are left out. */
const SYSTEM_FOLDERS = [
  "/usr",
  "/bin",
  "/sbin",
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/nix/store",
  "/run/current-system/sw",
];

/** What programs of the distribution read; nothing in it is about the machine. */
const SYSTEM_FILES = [
  "/etc/alternatives",
  "/etc/ld.so.cache",
  "/etc/ld.so.conf.d",
  "/etc/iproute2",
  "/etc/protocols",
  "/etc/services",
];

/** Devices that processes of any account may use. */
const DEVICES = ["null", "zero", "full", "random", "urandom", "tty", "net/tun"];

const FOLDERS = ["dev", "etc", "home", "proc", "root", "run", "sys", "tmp", "var/lib", "var/log", "var/tmp"];

/** Only accounts that the daemons ask for by name. */
const PASSWD = ["root:x:0:0::/root:/bin/sh", "nobody:x:65534:65534::/:/bin/false"];
const GROUP = ["root:x:0:", "tty:x:5:", "nogroup:x:65534:"];

/** Where programs look for certificates: Debian's and NixOS's place, and OpenSSL's own. */
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";
const CERTIFICATE_LINKS = ["/etc/ssl/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/** What a root is made of. */
export interface RootPlan {
  readonly name: string;
  /** Certificates that the host trusts, in PEM; those of the lab's internet. */
  readonly certificates: string;
  readonly files: readonly FileSpec[];
}

function baseFiles(name: string, certificates: string): FileSpec[] {
  return [
    { path: "/etc/passwd", text: `${PASSWD.join("\n")}\n` },
    { path: "/etc/group", text: `${GROUP.join("\n")}\n` },
    { path: "/etc/hostname", text: `${name}\n` },
    { path: "/etc/hosts", text: `127.0.0.1 localhost\n::1 localhost\n127.0.0.2 ${name}\n` },
    { path: "/etc/nsswitch.conf", text: "passwd: files\ngroup: files\nhosts: files dns\n" },
    { path: CERTIFICATES, text: certificates },
  ];
}

/** Writes a file of a host from outside; one that was there before is replaced, not changed, so that readers see either. */
export function writeHostFile(root: string, { path, text, mode = 0o444 }: FileSpec): void {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
  rmSync(target, { force: true });
  // Never through a link that somebody on the host has put there.
  writeFileSync(target, text, { mode, flag: "wx" });
}

/** Removes a file of a host from outside. */
export function removeHostFile(root: string, path: string): void {
  rmSync(join(root, path), { force: true });
}

/** Makes the root's folders and files, as they are when the host is switched on. */
export function layOutRoot(root: string, { name, certificates, files }: RootPlan): void {
  // `/var` is the disk.
  for (const folder of ["etc", "home", "root", "run", "tmp", "dev"])
    rmSync(join(root, folder), { recursive: true, force: true });
  for (const folder of FOLDERS) mkdirSync(join(root, folder), { recursive: true, mode: 0o755 });
  const given = new Set(files.map(({ path }) => path));
  for (const file of [...baseFiles(name, certificates).filter(({ path }) => !given.has(path)), ...files])
    writeHostFile(root, file);
  for (const link of CERTIFICATE_LINKS) symlinkSync(CERTIFICATES, join(root, link));
  rmSync(join(root, "var/run"), { force: true });
  symlinkSync("../run", join(root, "var/run"));
}

/**
 * What the host's first process does before it is ready; `$1` is the root, `$2` its name, the others folders with programs. It runs
 * with the lab's files, and ends with nothing but the host's.
 */
export const ENTER_ROOT = `
root=$1 name=$2
shift 2
hostname "$name"
mount --bind "$root" "$root"
cd "$root"
# Read-only wherever that is allowed: without root the machine's folders are somebody else's anyway.
show() {
  mount --rbind "$1" ".$1"
  mount -o remount,bind,ro ".$1" 2>/dev/null || [ ! -w "$1" ]
}
for folder in ${SYSTEM_FOLDERS.join(" ")} "$@"; do
  if [ -L "$folder" ] && [ ! -e ".$folder" ]; then
    mkdir -p ".\${folder%/*}"
    case $(readlink "$folder") in
    /nix/store/* | usr/*) ln -s "$(readlink "$folder")" ".$folder" ;;
    *) mkdir -p ".$folder" && show "$folder" ;;
    esac
  elif [ -d "$folder" ] && [ -z "$(ls -A ".$folder" 2>/dev/null)" ]; then
    mkdir -p ".$folder"
    show "$folder"
  fi
done
for file in ${SYSTEM_FILES.join(" ")}; do
  if [ ! -e "$file" ] || [ -e ".$file" ]; then continue; fi
  if [ -d "$file" ]; then mkdir ".$file"; else : >".$file"; fi
  show "$file"
done
mount -t tmpfs -o mode=0755,nosuid devices dev
for device in ${DEVICES.join(" ")}; do
  if [ ! -e "/dev/$device" ]; then continue; fi
  mkdir -p "dev/$(dirname "$device")"
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 terminals dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev memory dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for number in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/\${number%:*}" "dev/\${number#*:}"; done
chmod 1777 tmp var/tmp
mount -t proc -o nosuid,nodev,noexec processes proc
# A container may keep it from us; only Nomad's fingerprints read it.
mount -t sysfs -o ro,nosuid,nodev,noexec system sys 2>/dev/null || :
mkdir .outside
pivot_root . .outside
umount -l .outside
rmdir .outside
cd /
`;
