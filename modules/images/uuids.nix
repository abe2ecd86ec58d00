# The UUIDs of disks that disko lays out: they follow from the host's name and the place on the disk, so
# that an image that is built twice is the same disk, and a disk that is laid out again keeps them.
# disko draws them otherwise. Whatever a layout says itself stays.
# Not fixed: what ZFS, LVM and md draw, the devices of a btrfs, and MBR tables.
{
  config,
  diskoLib,
  lib,
  options,
  ...
}:
let
  # A UUID of one's own making (version 8, RFC 9562), out of a place's name.
  uuidOf =
    place:
    let
      hash = builtins.hashString "sha256" "${config.networking.hostName}/${lib.concatStringsSep "/" place}";
      part = start: length: builtins.substring start length hash;
    in
    "${part 0 8}-${part 8 4}-8${part 12 3}-a${part 15 3}-${part 18 12}";

  # An option of mkfs that sets the UUID, unless the layout has it already.
  flagUnless =
    args: flag: value:
    lib.optionals (lib.isList args && !lib.any (lib.hasPrefix flag) args) [
      flag
      value
    ];

  formatFlags =
    place: format: args:
    let
      uuid = uuidOf place;
    in
    if
      builtins.elem format [
        "btrfs"
        "ext2"
        "ext3"
        "ext4"
      ]
    then
      flagUnless args "-U" uuid
    else if format == "vfat" then
      # A FAT has 32 bits.
      flagUnless args "-i" (builtins.substring 0 8 uuid)
    else if format == "xfs" then
      lib.optionals (lib.isList args && !lib.any (lib.hasInfix "uuid=") args) [
        "-m"
        "uuid=${uuid}"
      ]
    else
      [ ];

  # Not `lib.mkIf` or the like, which nobody can look into before disko has the layout: what stands in
  # one gets its UUIDs from disko.
  isPlain = value: lib.isAttrs value && !(value ? _type);

  # What to add to a layout, by its `type`: from what the layout says, since names and types of what
  # comes out of it would depend on themselves.
  contents = {
    gpt =
      place:
      {
        partitions ? { },
        ...
      }:
      {
        # No option of disko's sets it: the table is made here, as disko makes one where none is.
        preCreateHook = ''
          if ! blkid "$device" >&2; then
            sgdisk --clear --disk-guid=${uuidOf place} "$device"
          fi
        '';
        partitions = lib.mapAttrs (
          name: partition:
          # disko would look for a partition by its UUID. By its name it is found on whatever disk the
          # system is put on: a platform's image, or one that was laid out before.
          lib.optionalAttrs (!(partition ? uuid)) {
            uuid = uuidOf (place ++ [ name ]);
            device =
              let
                inherit (config.disko.devices.disk.${lib.head place}.content.partitions.${name}) label;
              in
              lib.mkDefault "/dev/disk/by-partlabel/${diskoLib.hexEscapeUdevSymlink label}";
          }
          // additionsTo (
            place
            ++ [
              name
              "content"
            ]
          ) partition
        ) (lib.filterAttrs (_: isPlain) (lib.optionalAttrs (isPlain partitions) partitions));
      };
    filesystem =
      place:
      {
        format ? null,
        extraArgs ? [ ],
        ...
      }:
      {
        extraArgs = formatFlags place format extraArgs;
      };
    btrfs =
      place:
      {
        extraArgs ? [ ],
        ...
      }:
      {
        extraArgs = formatFlags place "btrfs" extraArgs;
      };
    swap =
      place:
      {
        extraArgs ? [ ],
        ...
      }:
      {
        extraArgs = flagUnless extraArgs "-U" (uuidOf place);
      };
    luks =
      place:
      {
        extraFormatArgs ? [ ],
        ...
      }@luks:
      {
        extraFormatArgs = flagUnless extraFormatArgs "--uuid" (uuidOf place);
      }
      // additionsTo (place ++ [ "content" ]) luks;
  };
  additionsTo =
    place: parent:
    let
      content = if isPlain parent then parent.content or null else null;
    in
    lib.optionalAttrs (isPlain content && lib.isString (content.type or null) && contents ? ${content.type}) {
      content = contents.${content.type} place content;
    };

  # The layout as modules say it, before disko makes options of it.
  said = lib.foldl' lib.recursiveUpdate { } (
    lib.filter isPlain (map ({ value, ... }: value) options.disko.devices.definitionsWithLocations)
  );
in
{
  options.disko.devices = lib.mkOption {
    type = lib.types.submodule {
      options.disk = lib.mkOption {
        type = lib.types.attrsOf (
          lib.types.submodule (
            { name, ... }:
            {
              config.content =
                let
                  additions = additionsTo [ name ] (said.disk.${name} or { });
                in
                lib.mkIf (additions ? content) additions.content;
            }
          )
        );
      };
    };
  };
}
