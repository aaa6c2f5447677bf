/** How a restarted agent knows its own kernel objects. Everything else on the machine is foreign and survives. */

/** rtm_protocol, nh_protocol, FRA_PROTOCOL and IFA_PROTO of everything we make. Unassigned in rt_protos. */
export const OWN_PROTOCOL = 118;

/** Metric of routes from BGP best paths in table main. */
export const BGP_METRIC = 20;

/** Metric of blackholes for our own aggregates: after everything else. */
export const BLACKHOLE_METRIC = 4_000_000;

export const TABLE_MAIN = 254;

/** Table of SRv6 overrides, chosen by a rule for each Edge-facing port. */
export const TABLE_OVERRIDES = 7600;

/** First of the one-route tables behind End.DT6 SIDs of egress peers with a link-local next hop. */
export const TABLE_PEERS = 7700;

/** Priority of our rules; before main (32766). */
export const RULE_PRIORITY = 7600;

/** Nexthop object ids are NEXTHOP_ID_BASE + a 24-bit hash of the nexthop's name. */
export const NEXTHOP_ID_BASE = 0x76000000;

/** Our nftables table, family inet. */
export const NFT_TABLE = "vsix";

/** Where the agent's BGP receiver listens, on ::1. */
export const FEED_PORT = 1790;
