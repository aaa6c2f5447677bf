/** How a restarted agent knows its own kernel objects. Everything else on the machine is foreign and survives. */

/** rtm_protocol, nh_protocol, FRA_PROTOCOL and IFA_PROTO of everything we make. Unassigned in rt_protos. */
export const OWN_PROTOCOL = 118;

/** rtm_protocol of routes into a translator, which are kept apart from those of the fabric and of BGP. Unassigned. */
export const SERVICE_PROTOCOL = 119;

/** Metric of routes from BGP best paths in table main. */
export const BGP_METRIC = 20;

/** Metric of blackholes for our own aggregates: after everything else. */
export const BLACKHOLE_METRIC = 4_000_000;

export const TABLE_MAIN = 254;

/** First table of the fabric file's SRv6 overrides, one for each Edge-facing port. */
export const TABLE_OVERRIDES = 7600;

/** First of the one-route tables behind End.DT6 SIDs of egress peers with a link-local next hop. */
export const TABLE_PEERS = 7700;

/**
 * Tables of the classes of part `epe`: TABLE_CLASSES + a 16-bit hash of the class's name, so that a class keeps its table when others
 * come and go before it. The kernel never gives a table's few hundred octets back.
 */
export const TABLE_CLASSES = 0x760000;

/** From a table of overrides to the one for packets that are too large for it. */
export const TOO_BIG = 0x100000;

/** Priority of our first rules; before main (32766). */
export const RULE_PRIORITY = 7600;

/** First priority of the classes of part `epe`, two each: for what is too large, and for the rest. */
export const CLASS_PRIORITY = RULE_PRIORITY + 2;

/** First of the tables, one a plane port of an External Edge, by which steered packets that nobody here can deliver go back. */
export const TABLE_RETURN = 0x750000;

/** Priority of the rules for those; after main (32766), which comes first whenever it has a way. */
export const RETURN_PRIORITY = 32_800;

/** Bit of a packet's mark, within this machine: came in to one of our SIDs. */
export const STEERED_MARK = 0x2000_0000;

/** Bit of a packet's mark, within this machine: came in by an Edge's port and is larger than what an encapsulation leaves. */
export const TOO_BIG_MARK = 0x4000_0000;

/** Nexthop object ids are NEXTHOP_ID_BASE + a 24-bit hash of the nexthop's name. */
export const NEXTHOP_ID_BASE = 0x76000000;

/** Group (`ip link show group`) of the devices that we make: what is made in one message is ours from its first moment. */
export const OWN_GROUP = OWN_PROTOCOL;

/** First letters of the names of tunnels to users' routers (ip6tnl). */
export const TUNNEL_PREFIX = "vxt-";

/** First letters of the names of WireGuard devices. */
export const WIREGUARD_PREFIX = "vxw-";

/** Nexthop objects of users by SRv6: ACCESS_NEXTHOP_BASE + a 24-bit hash of the user's id. */
export const ACCESS_NEXTHOP_BASE = 0x77000000;

/** Bit of a packet's mark, within this machine: came in to the SID of SRv6 access; the 24 below say from whom. */
export const ACCESS_MARK = 0x0800_0000;

/** Bit of a packet's mark, within this machine: goes to a user by SRv6 and is larger than what an encapsulation leaves. */
export const ACCESS_TOO_BIG_MARK = 0x0400_0000;

/** Table and rule priority for those: one route, which answers Packet Too Big. */
export const TABLE_ACCESS_TOO_BIG = 7590;
export const ACCESS_PRIORITY = 7590;

/** First of sixteen UDP ports on ::1 of DHCPv6 servers behind tunnels. */
export const DELEGATION_PORT = 10547;

/**
 * Metric of a home's routes to prefixes that are over. The kernel's own, for an address, has 256 (IP6_RT_PRIO_ADDRCONF); when the address goes
 * it deletes the first route to the prefix by that device, whosever it is.
 */
export const ENDED_METRIC = 512;

/** Tables of a home router's tunnels, one each, and the priority of the rules that lead its own sources there. */
export const TABLE_HOME = 7580;
export const HOME_PRIORITY = 7580;

/** Our nftables table, family inet. */
export const NFT_TABLE = "vsix";

/** Where the agent's BGP receiver listens, on ::1. */
export const FEED_PORT = 1790;

/** Whether a table holds overrides, and nothing of BGP's or of an egress peer's. */
export function isOverrideTable(table: number): boolean {
  return table >= TABLE_CLASSES || (table >= TABLE_OVERRIDES && table < TABLE_PEERS);
}
