/** What the operating system refused, in words: a full disk or a locked folder is no bug of meshflake. */

/** Why, and what to do about it, by the error's code. Others are taken for our own mistakes, e.g. EBADF and EINVAL. */
const REASONS: Readonly<Record<string, readonly [why: string, hint: string]>> = {
  EACCES: ["permission denied", "look at its owner and mode, and at those of its folder (ls -ld)"],
  EPERM: ["the operation is not permitted", "look at its owner, and at its attributes (lsattr)"],
  EROFS: ["the file system is read-only", "mount it writable, or work on a copy"],
  ENOSPC: ["no space is left on the disk", "make room (df -h, df -i), then run it again"],
  EDQUOT: ["the disk quota is used up", "make room, then run it again"],
  EFBIG: ["the file would be too large", "look at the limit (ulimit -f)"],
  EISDIR: ["it is a folder, where a file belongs", "move the folder away"],
  ENOTDIR: ["it, or something above it, is a file, where a folder belongs", "move the file away"],
  ENOTEMPTY: ["the folder is not empty", "look at what is in it"],
  EEXIST: ["it exists already", "look at what is there, and move it away"],
  ENOENT: ["it does not exist", "it may have gone while the command ran: run it again"],
  ELOOP: ["symbolic links lead in a circle", "look at where its links lead (namei -l)"],
  ENAMETOOLONG: ["the name is too long", "choose a shorter one, or a folder nearer to the root"],
  EMFILE: ["too many files are open", "raise the limit (ulimit -n)"],
  ENFILE: ["too many files are open on this machine", "end other programs, then run it again"],
  ENOMEM: ["memory is used up", "end other programs, then run it again"],
  EBUSY: ["it is in use", "end what uses it (fuser), then run it again"],
  ETXTBSY: ["it is being run", "end the program, then run it again"],
  EXDEV: ["it lies on another file system", "keep the repository on one file system"],
  EIO: ["the disk cannot be read or written", "look at the kernel's messages (dmesg)"],
  ESTALE: ["the network file system lost it", "mount it again"],
  E2BIG: ["the command line is too long", "unset large variables of the environment"],
};

/** What could not be done, by the system call. */
const ACTIONS: Readonly<Record<string, string>> = {
  open: "open",
  read: "read",
  write: "write",
  fsync: "write",
  mkdir: "make the folder",
  mkdtemp: "make a temporary folder",
  rename: "rename",
  unlink: "remove",
  rm: "remove",
  rmdir: "remove the folder",
  scandir: "list the folder",
  opendir: "list the folder",
  symlink: "make the symbolic link",
  readlink: "follow the symbolic link",
  realpath: "follow",
  copyfile: "copy",
  cp: "copy",
  chmod: "change the mode of",
  fchmod: "change the mode of",
  utime: "change the times of",
  lstat: "look at",
  stat: "look at",
  access: "look at",
};

export interface SystemFailure {
  readonly message: string;
  readonly hint: string;
}

function describeAction(error: NodeJS.ErrnoException, syscall: string): string {
  const { path } = error;
  if (syscall === "uv_cwd") return "use the folder that you are in";
  if (syscall.startsWith("spawn")) return `run ${path ?? syscall.slice("spawn ".length)}`;
  const { dest } = error as { readonly dest?: unknown };
  const target = typeof dest === "string" ? ` to ${dest}` : "";
  return `${ACTIONS[syscall] ?? syscall} ${path ?? "a file"}${target}`;
}

/** @returns undefined where the error is not one of the operating system, or shows a bug */
export function describeSystemError(error: unknown): SystemFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, syscall }: NodeJS.ErrnoException = error;
  const reason = code === undefined ? undefined : REASONS[code];
  if (reason === undefined || syscall === undefined) return undefined;
  const [why, hint] = reason;
  if (syscall.startsWith("spawn") && code === "ENOENT") {
    return {
      message: `cannot ${describeAction(error, syscall)}: it is not installed`,
      hint: "install it, or look at PATH",
    };
  }
  if (syscall === "uv_cwd") {
    return { message: `cannot ${describeAction(error, syscall)}: it is gone`, hint: "go to another one (cd)" };
  }
  return { message: `cannot ${describeAction(error, syscall)}: ${why} (${code})`, hint };
}
