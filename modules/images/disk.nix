# Image variant: the disk that disko lays out, with the system on it. Built in a virtual machine.
{
  config,
  lib,
  modulesPath,
  pkgs,
  ...
}:
let
  cfg = config.disko.imageBuilder;
  inherit (config.networking) hostName;
  disks = config.disko.devices.disk;
  names = lib.attrNames disks;
  compressed = cfg.imageFormat == "raw";
in
{
  imports = [ "${modulesPath}/image/file-options.nix" ];

  # Each disk's file is called after the host, and large enough for a system and its successor. It is
  # sparse, and grows with the disk that it is written to.
  options.disko.devices = lib.mkOption {
    type = lib.types.submodule {
      options.disk = lib.mkOption {
        type = lib.types.attrsOf (
          lib.types.submodule (
            { name, ... }:
            {
              imageName = lib.mkDefault (if lib.length names == 1 then hostName else "${hostName}-${name}");
              imageSize = lib.mkDefault "8G";
            }
          )
        );
      };
    };
  };

  config = {
    image = {
      # The file that the machine starts from; those of other disks lie beside it.
      baseName =
        if names == [ ] then
          hostName
        else if lib.length names == 1 then
          disks.${lib.head names}.imageName
        else if disks ? main then
          disks.main.imageName
        else
          throw "${hostName} has several disks, and none is called `main`: give that name to the one that it starts from, so that its image can be told from the others";
      extension = "${cfg.imageFormat}${lib.optionalString compressed ".zst"}";
    };

    disko.imageBuilder = {
      name = "${hostName}-image";
      extraPostVM = lib.mkIf compressed ''
        ${lib.getExe pkgs.buildPackages.zstd} --rm "$out"/*.raw
      '';
      # nixpkgs' `vmTools` wants modules apart from the kernel since June 2026, which disko does not
      # do yet (https://github.com/nix-community/disko/pull/1277).
      pkgs = pkgs // {
        vmTools = pkgs.vmTools // {
          override =
            args:
            let
              apart = lib.functionArgs pkgs.vmTools.override ? kernelModules && !(args ? kernelModules);
            in
            pkgs.vmTools.override (
              args
              // lib.optionalAttrs apart {
                inherit (cfg.kernelPackages) kernel;
                kernelModules = args.kernel;
              }
            );
        };
      };
    };

    system.build.image =
      if names == [ ] then
        throw "disko does not lay out the disks of ${hostName}, so there is no image of them: give the host `disks` with a layout, or install it by hand from the installer of `meshflake image bare-metal`"
      else
        config.system.build.diskoImages;
  };
}
