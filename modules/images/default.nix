# The flake's images: of each host, and of each platform. An image holds no identity and no other
# secret; the identity is put beside it.
{
  inputs,
  # The flake's nixosConfigurations.
  hosts,
  # A module with the admins' accounts, which `meshflake generate` writes; null where it has not run.
  admins,
}:
let
  inherit (inputs.nixpkgs) lib;

  # A platform's own image is the same for all of its hosts: its module, and a way in.
  platforms = {
    x86_64-linux = {
      bare-metal = [ ../platforms/bare-metal.nix ];
      contabo-vm = [
        ../platforms/contabo-vm.nix
        ./layout.nix
      ];
      hetzner-vm = [
        ../platforms/hetzner-vm.nix
        ./layout.nix
      ];
      proxmox-lxc = [ ../platforms/proxmox-lxc.nix ];
      proxmox-vm = [
        ../platforms/proxmox-vm.nix
        ./layout.nix
      ];
    };
    aarch64-linux = {
      inherit (platforms.x86_64-linux) bare-metal hetzner-vm proxmox-vm;
    }
    // lib.genAttrs [ "raspberry-pi-3" "raspberry-pi-4" "raspberry-pi-5" ] (model: [
      inputs.nixos-hardware.nixosModules.${model}
      ../platforms/raspberry-pi.nix
    ]);
  };

  makePlatform =
    system: name: modules:
    lib.nixosSystem {
      specialArgs = { inherit inputs; };
      modules =
        modules
        ++ [
          (
            if admins == null then
              throw "modules/hosts/admins.nix is missing, or not in git: run `meshflake generate`, then `git add --all`"
            else
              admins
          )
          inputs.disko.nixosModules.disko
          ../services/common.nix
          ./generic.nix
          {
            networking.hostName = name;
            nixpkgs.hostPlatform = system;
          }
        ];
    };

  # A host may have none, and its `platformImage` says why. Whether it has one is asked apart: to find
  # out what the flake has, Nix need not look at any image.
  imagesOf =
    systems:
    lib.mapAttrs' (
      name: { config, ... }: lib.nameValuePair "image-${name}" config.system.build.platformImage
    ) (lib.filterAttrs (_: { config, ... }: config.system.build.hasPlatformImage or true) systems);
in
lib.mapAttrs (
  system: own:
  imagesOf (
    lib.mapAttrs (makePlatform system) own
    // lib.filterAttrs (_: { pkgs, ... }: pkgs.stdenv.hostPlatform.system == system) hosts
  )
) platforms
