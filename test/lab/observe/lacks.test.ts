import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type ClusterObservation, withHeartbeats } from "../../../lab/observe/clusters/clusters.js";
import { lacksOf } from "../../../lab/observe/clusters/lacks.js";
import { cluster, host } from "../checks/lab.js";

/** What a cluster lacks to be whole. */

const lacks = suite("lab: what a cluster lacks");

const HOSTS = [host("ari", "10.0.0.1"), host("cosmo", "10.0.0.2", { consul: { server: false } })];
const CATS = cluster(["ari", "cosmo"], { consulServers: ["ari"], nomadServers: ["ari"] });

type Seen = Pick<ClusterObservation, "consul" | "nomad">;

function whole(): { consul: NonNullable<Seen["consul"]>; nomad: NonNullable<Seen["nomad"]> } {
  const peers = [{ name: "ari", address: "10.0.0.1", voter: true, leader: true }];
  const client = {
    id: "1",
    eligible: true,
    drivers: ["raw_exec"],
    status: "ready",
    heartbeat: { age: 9, ttl: 14 },
  };
  return {
    consul: {
      leader: "ari",
      members: [
        { name: "ari", address: "10.0.0.1", status: "alive" },
        { name: "cosmo", address: "10.0.0.2", status: "alive" },
      ],
      peers,
    },
    nomad: {
      leader: "ari",
      servers: [{ name: "ari", address: "10.0.0.1", status: "alive" }],
      peers,
      clients: [
        { name: "ari", address: "10.0.0.1", ...client },
        { name: "cosmo", address: "10.0.0.2", ...client },
      ],
    },
  };
}

lacks("nothing, where all are there", () => {
  assert.equal(lacksOf(CATS, HOSTS, whole()), []);
});

lacks("a leader, an answer", () => {
  const seen = whole();
  assert.equal(lacksOf(CATS, HOSTS, { ...seen, consul: null }), ["Consul of cats: no server answers"]);
  assert.equal(lacksOf(CATS, HOSTS, { ...seen, nomad: { ...seen.nomad, leader: null } }), ["Nomad of cats: no leader"]);
});

lacks("a member that is not alive, is elsewhere or never came", () => {
  const seen = whole();
  const withMembers = (members: (typeof seen.consul)["members"]) =>
    lacksOf(CATS, HOSTS, { ...seen, consul: { ...seen.consul, members } });
  const [ari, cosmo] = seen.consul.members;
  if (ari === undefined || cosmo === undefined) throw new Error("two members");
  assert.equal(withMembers([ari]), ["Consul of cats: cosmo has not joined"]);
  assert.equal(withMembers([ari, { ...cosmo, status: "failed" }]), ["Consul of cats: cosmo is failed"]);
  assert.equal(withMembers([ari, { ...cosmo, address: "203.0.113.1" }]), [
    "Consul of cats: cosmo is at 203.0.113.1, not at 10.0.0.2",
  ]);
});

lacks("a voter, or one too many", () => {
  const seen = whole();
  const withPeers = (peers: (typeof seen.consul)["peers"]) =>
    lacksOf(CATS, HOSTS, { ...seen, consul: { ...seen.consul, peers } });
  const [peer] = seen.consul.peers;
  if (peer === undefined) throw new Error("one peer");
  assert.equal(withPeers([{ ...peer, voter: false }]), ["Consul of cats: ari is no voter"]);
  assert.equal(withPeers([peer, { ...peer, address: "10.0.0.9" }]), [
    "Consul of cats: 10.0.0.9 is a voter that nobody planned",
  ]);
});

lacks("a client that is not ready; an older node of the same name does not count", () => {
  const seen = whole();
  const [ari, cosmo] = seen.nomad.clients;
  if (ari === undefined || cosmo === undefined) throw new Error("two clients");
  const withClients = (clients: (typeof seen.nomad)["clients"]) =>
    lacksOf(CATS, HOSTS, { ...seen, nomad: { ...seen.nomad, clients } });
  assert.equal(withClients([ari, { ...cosmo, status: "down" }]), ["Nomad of cats: the client cosmo is down"]);
  assert.equal(withClients([ari, { ...cosmo, status: "down" }, cosmo]), []);
  assert.equal(withClients([ari]), ["Nomad of cats: the client cosmo is not registered"]);
});

lacks("a client that no server has heard: what a server knew before says nothing of now", () => {
  const seen = whole();
  const [ari, cosmo] = seen.nomad.clients;
  if (ari === undefined || cosmo === undefined) throw new Error("two clients");
  const withHeartbeat = (heartbeat: typeof cosmo.heartbeat) =>
    lacksOf(CATS, HOSTS, { ...seen, nomad: { ...seen.nomad, clients: [ari, { ...cosmo, heartbeat }] } });
  const ready = "Nomad of cats: the client cosmo counts as ready, but";
  assert.equal(withHeartbeat({ age: 19, ttl: 14 }), []);
  assert.equal(withHeartbeat({ age: 20, ttl: 14 }), [`${ready} was last heard 20 s ago`]);
  assert.equal(withHeartbeat({ age: null, ttl: 0 }), [`${ready} has not been heard since it started`]);
  assert.equal(withHeartbeat(null), [`${ready} does not answer`]);
});

lacks("what a client says of itself counts where it is the node that the server means", () => {
  const { nomad } = whole();
  const age = (id: string) =>
    withHeartbeats(nomad, new Map([["ari", { id, heartbeat: { age: 1, ttl: 2 } }]])).clients[0]?.heartbeat?.age;
  assert.is(age("1"), 1);
  // As it was before: the client's word is not that node's.
  assert.is(age("2"), 9);
});

lacks.run();
