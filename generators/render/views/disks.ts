import type { Host } from "../../model/fleet.js";
import type { NixTree } from "../../model/input.js";

/**
 * Disks by layout name, as disko's own options: GPT that boots from BIOS (the `boot` partition is GRUB's) and from UEFI,
 * and one root file system.
 */

type Layout = Exclude<Host["disks"], string | null>["layout"];

/** Snapshots of the system leave out what can be had again. */
const BTRFS_SUBVOLUMES = {
  "/root": { mountpoint: "/", mountOptions: ["compress=zstd"] },
  "/nix": { mountpoint: "/nix", mountOptions: ["compress=zstd", "noatime"] },
  "/var": { mountpoint: "/var", mountOptions: ["compress=zstd"] },
};

function rootContent(layout: Layout): NixTree {
  switch (layout) {
    case "ext4":
    case "xfs":
      return { type: "filesystem", format: layout, mountpoint: "/" };
    case "btrfs":
      return { type: "btrfs", extraArgs: ["-f"], subvolumes: BTRFS_SUBVOLUMES };
    case "zfs":
      return { type: "zfs", pool: "rpool" };
    default:
      return layout satisfies never;
  }
}

/** Dataset options that people set on every pool; the mounts are NixOS's business, hence `legacy`. */
const ZFS_POOL: NixTree = {
  type: "zpool",
  options: { ashift: "12", autotrim: "on" },
  rootFsOptions: {
    acltype: "posixacl",
    atime: "off",
    compression: "zstd",
    mountpoint: "none",
    xattr: "sa",
  },
  datasets: {
    root: { type: "zfs_fs", mountpoint: "/", options: { mountpoint: "legacy" } },
    nix: { type: "zfs_fs", mountpoint: "/nix", options: { mountpoint: "legacy" } },
    var: { type: "zfs_fs", mountpoint: "/var", options: { mountpoint: "legacy" } },
  },
};

/** ZFS wants a number for each machine, so that a pool is not imported by two; FNV-1a of the name gives one. */
export function hostIdOf(name: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** @returns null where a file of the user's or the platform's image lays the disk out */
export function viewDisks({ disks }: Host): NixTree | null {
  if (disks === null || typeof disks === "string") return null;
  const { layout, device } = disks;
  const partitions: NixTree = {
    boot: { size: "1M", type: "EF02", priority: 1 },
    ESP: {
      size: "512M",
      type: "EF00",
      content: { type: "filesystem", format: "vfat", mountpoint: "/boot", mountOptions: ["umask=0077"] },
    },
    root: { size: "100%", content: rootContent(layout) },
  };
  return {
    disko: {
      devices: {
        disk: { main: { type: "disk", device, content: { type: "gpt", partitions } } },
        ...(layout === "zfs" && { zpool: { rpool: ZFS_POOL } }),
      },
    },
  };
}
