/** Raft: what Consul's and Nomad's servers elect leaders with. Both have HashiCorp's library, and one number for its patience. */

/**
 * Stretches Raft's timeouts: of followers until they stand for election, of leaders until they resign. Home uplinks stall for a second
 * or two, so that 1, Nomad's default, made for data centres, would cost voters their office again and again. 5, Consul's own default,
 * takes most of the 15 s in which a dead leader's successor is promised, and makes a fleet that starts wait for its first leader.
 */
export const RAFT_MULTIPLIER = 3;
