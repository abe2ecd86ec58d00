# Three machines that boot without an identity, get it, and become a mesh, a Consul and a Nomad with
# nobody logged in; afterwards the first of them starts again. The fleet in cluster/ is generated as any
# other. Its admin's key lies beside it, so nothing of it is secret.
{ inputs, pkgs }:
let
  inherit (inputs.nixpkgs) lib;

  fleet = import ./cluster/modules/hosts;

  identities = pkgs.runCommand "throw-away-identities" { nativeBuildInputs = [ pkgs.age ]; } ''
    mkdir $out
    ${lib.concatMapStrings (host: ''
      age --decrypt -i ${./cluster/throw-away-admin.txt} ${
        ./cluster/secrets + "/${host}/identity.age"
      } > $out/${host}
    '') (lib.attrNames fleet)}
  '';
in
lib.nixos.runTest {
  name = "cluster";
  hostPkgs = pkgs;
  # Hosts say which unfree packages they run.
  node.pkgsReadOnly = false;
  node.specialArgs = { inherit inputs; };

  nodes = lib.mapAttrs (_: host: {
    imports = [
      host
      inputs.agenix.nixosModules.default
      inputs.disko.nixosModules.disko
    ];
    # The driver's network is eth1; its machines have no other disk than their own.
    disko.enableConfig = false;
    virtualisation = {
      cores = 2;
      memorySize = 1536;
      diskSize = 4096;
    };
  }) fleet;

  testScript = ''
    import json

    names = [${lib.concatMapStringsSep ", " builtins.toJSON (lib.attrNames fleet)}]
    hosts = [machine for machine in machines if machine.name in names]
    assert len(hosts) == len(names)
    first = hosts[0]

    consul = "CONSUL_HTTP_TOKEN_FILE=/run/agenix/consul-management consul"
    nomad = "NOMAD_TOKEN=$(cat /run/agenix/nomad-management) nomad"


    def wait_for_cluster() -> None:
        for host in hosts:
            for unit in ["sshd", "consul", "nomad", "unbound"]:
                host.wait_for_unit(unit)
            host.wait_until_succeeds(f"test $({consul} members | grep -cw alive) = {len(names)}", timeout=300)
            host.wait_until_succeeds(
                f"test $({consul} operator raft list-peers | grep -cwE 'leader|follower') = {len(names)}", timeout=300
            )
            host.wait_until_succeeds(f"test $({nomad} node status | grep -cw ready) = {len(names)}", timeout=300)


    start_all()

    with subtest("without its identity a host waits, and nothing fails"):
        for host in hosts:
            host.wait_for_unit("multi-user.target")
            host.succeed("test ! -e /run/agenix/wireguard")
            assert host.succeed("systemctl --failed --no-legend") == ""

    with subtest("identities arrive, and the hosts join"):
        for host in hosts:
            host.copy_from_host(f"${identities}/{host.name}", "/etc/meshflake/identity")
            host.succeed("chmod 0600 /etc/meshflake/identity")
        wait_for_cluster()

    with subtest("names resolve, and nobody reads the rest without a token"):
        for host in hosts:
            host.wait_until_succeeds("getent hosts consul.service.consul", timeout=120)
        refused = first.fail("consul kv put a b 2>&1")
        assert "Permission denied" in refused, refused
        members = first.succeed("CONSUL_HTTP_TOKEN_FILE=/run/agenix/consul-token consul members")
        assert members.count(" alive ") == len(hosts), members
        members = first.succeed("nomad node status -json 2>&1 || true")
        assert "403" in members or "Permission denied" in members, members

    with subtest("after a restart it is a cluster again"):
        first.shutdown()
        first.start()
        wait_for_cluster()
        leader = json.loads(first.succeed("curl -sf http://127.0.0.1:8500/v1/status/leader"))
        assert leader != "", leader

    for host in hosts:
        assert host.succeed("systemctl --failed --no-legend") == ""
  '';
}
