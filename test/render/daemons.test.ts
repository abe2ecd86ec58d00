import { suite } from "uvu";
import * as assert from "uvu/assert";
import { viewDocker, viewFolders } from "../../generators/render/views/daemons/containers.js";
import { viewNames } from "../../generators/render/views/daemons/dns.js";
import { viewHost } from "../../generators/render/views/fleet.js";
import { viewClamp } from "../../generators/render/views/network/tools.js";
import { FLEET, pi, planOf, publicHost, SIX, SIX_FLEET } from "../support/fleets.js";
import { hostOf, ownOf, viewOf } from "./plans.js";

const views = suite("render: views of daemons");

views("Consul: servers stay when they stop, agents leave", () => {
  const plan = planOf(FLEET, SIX);
  const extra = (name: string) => viewHost(plan, name).consul?.extraConfig as Record<string, unknown>;
  assert.is(extra("cosmo").bootstrap_expect, 3);
  assert.is(extra("cosmo").leave_on_terminate, false);
  assert.is(extra("bianco").leave_on_terminate, true);
  assert.is("bootstrap_expect" in extra("bianco"), false);
  assert.is((extra("bianco").retry_join as string[]).length, 3);
  assert.is((extra("cosmo").retry_join as string[]).length, 2);
  assert.is(viewOf(publicHost(1, { consul: false })).consul, null);
});

views("Raft: servers of both daemons have the same patience, and nobody else has any", () => {
  const plan = planOf(FLEET, SIX);
  const consul = (name: string) => viewHost(plan, name).consul?.extraConfig as { readonly performance?: unknown };
  const nomad = (name: string) => (viewHost(plan, name).nomad?.settings as { readonly server?: object }).server;
  assert.equal(consul("cosmo").performance, { raft_multiplier: 3 });
  assert.is((nomad("cosmo") as { readonly raft_multiplier?: number }).raft_multiplier, 3);
  assert.is(consul("bianco").performance, undefined);
  assert.is(nomad("bianco"), undefined);
});

views("Consul: static services with every kind of check", () => {
  const checks = [
    { name: "web", http: "https://localhost:8006", method: "HEAD", tlsSkipVerify: true },
    { tcp: "localhost:5432", interval: "10s", timeout: "1s" },
    { args: ["/run/current-system/sw/bin/true"] },
    { ttl: "1m" },
  ];
  const services = [{ name: "pve", port: 8006, address: "192.168.1.5", tags: ["a"], meta: { k: "v" }, checks }];
  const view = viewOf(publicHost(1, { consul: { services } })).consul;
  const extraConfig = view?.extraConfig ?? {};
  assert.equal((extraConfig as { services: unknown }).services, [
    {
      name: "pve",
      address: "192.168.1.5",
      port: 8006,
      tags: ["a"],
      meta: { k: "v" },
      checks: [
        {
          name: "web",
          http: "https://localhost:8006",
          method: "HEAD",
          tls_skip_verify: true,
          interval: "30s",
          timeout: "5s",
        },
        { tcp: "localhost:5432", interval: "10s", timeout: "1s" },
        { args: ["/run/current-system/sw/bin/true"], interval: "30s", timeout: "5s" },
        { ttl: "1m" },
      ],
    },
  ]);
  assert.is((extraConfig as { enable_local_script_checks: unknown }).enable_local_script_checks, true);
});

views("Nomad: clients run as root, a server that is none has an account of its own", () => {
  const client = viewOf(publicHost(1)).nomad;
  assert.is(client?.dropPrivileges, false);
  const server = viewOf(publicHost(1, { nomad: { server: true, client: false } })).nomad;
  assert.is(server?.dropPrivileges, undefined);
  assert.is(server?.enableDocker, false);
  assert.not.ok("client" in ((server?.settings ?? {}) as object));
  assert.is(viewOf(publicHost(1, { nomad: false })).nomad, null);
});

views("Nomad: everything that a host says ends up in the client's settings", () => {
  const nomad = {
    nodePool: "gpu",
    nodeClass: "big",
    meta: { gpu: "yes" },
    hostVolumes: { photos: { path: "/srv/photos", readOnly: true } },
    hostNetworks: { lan: { interface: "eth0", cidr: "192.168.1.0/24" } },
    drivers: ["raw_exec", "java", "qemu"] as ("raw_exec" | "java" | "qemu")[],
    reserved: { memory: 512, ports: "22,80" },
  };
  const view = viewOf(publicHost(1, { nomad })).nomad;
  const { client, plugin } = (view?.settings ?? {}) as { client: Record<string, unknown>; plugin: object };
  assert.is(client.node_pool, "gpu");
  assert.is(client.node_class, "big");
  assert.equal(client.meta, { gpu: "yes" });
  assert.equal(client.host_volume, { photos: { path: "/srv/photos", read_only: true } });
  assert.equal(client.host_network, { lan: { interface: "eth0", cidr: "192.168.1.0/24" } });
  assert.equal(client.reserved, { memory: 512, reserved_ports: "22,80" });
  assert.equal(Object.keys(plugin), ["raw_exec", "qemu"]);
  assert.is(view?.enableDocker, false);
  assert.ok(JSON.stringify(view?.extraPackages).includes("pkgs.jre_headless"));
});

views("containers ask Unbound, fit through the mesh, and are let through by a relay's Docker", () => {
  const plan = planOf(SIX_FLEET, SIX);
  assert.equal(viewDocker(ownOf(plan.hosts, "cosmo")), {
    virtualisation: {
      docker: {
        daemon: {
          settings: {
            dns: ["172.17.0.1"],
            bip: "172.17.0.1/16",
            mtu: 1420,
            "default-network-opts": { bridge: { "com.docker.network.driver.mtu": "1420" } },
            "ip-forward-no-drop": true,
          },
        },
        autoPrune: { enable: true, dates: "weekly", flags: ["--all"] },
      },
    },
  });
  assert.not.ok(JSON.stringify(viewDocker(ownOf(plan.hosts, "maco"))).includes("no-drop"));
  assert.match(JSON.stringify(viewClamp(ownOf(plan.hosts, "bianco"))), /oifname \\"to-miki\\"/);
  const none = hostOf(publicHost(1, { nomad: false }));
  assert.is(viewDocker(none), null);
  assert.is(viewClamp(none), null);
});

views("folders of host volumes are made, unless something is mounted there", () => {
  const hostVolumes = { a: { path: "/srv/a" }, b: { path: "/mnt/b/inside" }, c: { path: "/mnt/bc" } };
  const nixos = { fileSystems: { "/mnt/b": { device: "files:/b" } } };
  assert.equal(viewFolders(hostOf(publicHost(1, { nomad: { hostVolumes }, nixos }))), {
    systemd: { tmpfiles: { rules: ["d /srv/a 0755 root root -", "d /mnt/bc 0755 root root -"] } },
  });
  assert.is(viewFolders(hostOf(publicHost(1))), null);
  const spaced = { a: { path: "/srv/100% my photos" } };
  assert.equal(viewFolders(hostOf(publicHost(1, { nomad: { hostVolumes: spaced } }))), {
    systemd: { tmpfiles: { rules: ['d "/srv/100%% my photos" 0755 root root -'] } },
  });
});

views("DNS: a machine asks only over families that its site has", () => {
  const blocklists = ["https://lists.example.org/rpz/Small_list.txt?a=1"];
  const dns = viewOf(pi("cgnat", { dns: { blocklists, records: { "nas.lan": "192.168.1.5" } } })).dns;
  const settings = dns.settings as Record<string, Record<string, unknown>[]> & { server: Record<string, unknown> };
  assert.equal(settings["forward-zone"]?.[0]?.["forward-addr"], [
    "9.9.9.9@853#dns.quad9.net",
    "1.1.1.1@853#cloudflare-dns.com",
  ]);
  assert.equal(settings.server["local-data"], ['"nas.lan. A 192.168.1.5"']);
  assert.is(settings.server["module-config"], '"respip validator iterator"');
  assert.equal(settings.rpz, [
    {
      name: "lists.example.org-rpz-small-list.txt-a-1",
      url: blocklists[0],
      zonefile: "/var/lib/unbound/lists.example.org-rpz-small-list.txt-a-1.zone",
    },
  ]);
  const server = viewOf(publicHost(1, { consul: false })).dns;
  assert.not.ok("stub-zone" in (server.settings as object));
});

views("DNS: names and addresses of the whole cluster, once", () => {
  const plan = planOf(FLEET, {
    a: publicHost(1, { mesh: { ip: "10.10.0.1" } }),
    b: publicHost(2, { mesh: { ip: "10.10.0.2" } }),
  });
  assert.equal(viewNames(plan, "cats"), {
    services: {
      unbound: {
        settings: {
          server: {
            "local-zone": ["mesh.cats.example.org. static"],
            "local-data": ['"a.mesh.cats.example.org. A 10.10.0.1"', '"b.mesh.cats.example.org. A 10.10.0.2"'],
            "local-data-ptr": ['"10.10.0.1 a.mesh.cats.example.org"', '"10.10.0.2 b.mesh.cats.example.org"'],
          },
        },
      },
    },
  });
});

views("DNS: names of a LAN are asked of its router", () => {
  const plan = planOf(FLEET, {
    a: pi("nat", { address: { lan: "a.lan" } }),
    b: pi("nat", { address: { lan: "192.168.1.5", dns: ["192.168.1.9"] } }),
    c: publicHost(1),
  });
  const settings = (name: string) => {
    const { dns } = viewHost(plan, name);
    return dns.settings as { server: Record<string, unknown>; "forward-zone": unknown[] };
  };
  assert.equal(settings("a")["forward-zone"][0], { name: "lan", "forward-addr": ["192.168.1.1"] });
  assert.equal(settings("b")["forward-zone"][0], { name: "lan", "forward-addr": ["192.168.1.9"] });
  assert.equal(settings("b").server["domain-insecure"], ["consul", "lan"]);
  assert.is(settings("c")["forward-zone"].length, 1);
});

views.run();
