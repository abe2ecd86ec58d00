# What NixOS makes of a host, as far as tests compare it: a function of the host's `config`. Nothing is built for it.
config:
let
  inherit (builtins) attrNames intersectAttrs mapAttrs;
  source = config.nixpkgs.flake.source;
  lib = import (source + "/lib");

  # nixpkgs' own module prints unbound.conf into a derivation; without its check, the text lies open.
  unbound = import (source + "/nixos/modules/services/networking/unbound.nix") {
    inherit lib;
    pkgs.writeText = _: text: { inherit text; };
    config = config // {
      services = config.services // {
        unbound = config.services.unbound // {
          checkconf = false;
        };
      };
    };
  };

  # A file's own text, where it is no derivation's.
  texts = lib.filterAttrs (_: text: text != null) (
    mapAttrs (_: file: file.text) config.environment.etc
  );
  made = {
    "nomad.json" = builtins.toJSON config.services.nomad.settings;
    "unbound/unbound.conf" = unbound.config.content.environment.etc."unbound/unbound.conf".source.text;
    "bird/bird.conf" = config.services.bird.config;
    # Behind `localhost`, which the module writes in any case.
    hosts = lib.concatStrings (
      lib.mapAttrsToList (ip: names: "${ip} ${toString names}\n") config.networking.hosts
    );
  };

  ours = lib.genAttrs [
    "bird"
    "consul"
    "consul-setup"
    "consul-welcome"
    "docker"
    "host-identity"
    "mesh-endpoints"
    "nomad"
    "nomad-setup"
    "sshd"
    "unbound"
  ] (_: null);
in
{
  etc = mapAttrs (name: _: made.${name} or texts.${name} or null) config.environment.etc;
  ruleset = (lib.last config.systemd.services.nftables.serviceConfig.ExecStart).text;
  sysctl = config.boot.kernel.sysctl;
  networkd = mapAttrs (_: unit: unit.text) config.systemd.network.units;
  units = mapAttrs (_: unit: {
    inherit (unit)
      after
      environment
      preStart
      script
      serviceConfig
      ;
  }) (intersectAttrs ours config.systemd.services);
  # For tests of images; a lab has no disks.
  disks = mapAttrs (_: disk: disk.content._create) config.disko.devices.disk;
  mounts = mapAttrs (_: mount: mount.device) config.fileSystems;
  timers = mapAttrs (_: timer: timer.timerConfig) (intersectAttrs ours config.systemd.timers);
}
