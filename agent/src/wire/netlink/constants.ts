/** Numbers of the rtnetlink ABI. Sources: linux/netlink.h, rtnetlink.h, if_link.h, if_addr.h, fib_rules.h, neighbour.h, nexthop.h, lwtunnel.h. */

export const AF_INET = 2;
export const AF_INET6 = 10;

/** nlmsg_type below 16: control messages. */
export const NLMSG = { NOOP: 1, ERROR: 2, DONE: 3, OVERRUN: 4 } as const;

export const NLM_F = {
  REQUEST: 0x1,
  MULTI: 0x2,
  ACK: 0x4,
  DUMP_INTR: 0x10,
  /** Only on requests that get. */
  DUMP: 0x300,
  /** Only on requests that make something new. */
  REPLACE: 0x100,
  EXCL: 0x200,
  CREATE: 0x400,
  APPEND: 0x800,
  /** Only on NLMSG_ERROR and NLMSG_DONE. */
  CAPPED: 0x100,
  ACK_TLVS: 0x200,
} as const;

export const NLMSGERR_ATTR = { MSG: 1, OFFS: 2 } as const;

export const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  GETLINK: 18,
  SETLINK: 19,
  NEWADDR: 20,
  DELADDR: 21,
  GETADDR: 22,
  NEWROUTE: 24,
  DELROUTE: 25,
  GETROUTE: 26,
  NEWNEIGH: 28,
  DELNEIGH: 29,
  GETNEIGH: 30,
  NEWRULE: 32,
  DELRULE: 33,
  GETRULE: 34,
  NEWNEXTHOP: 104,
  DELNEXTHOP: 105,
  GETNEXTHOP: 106,
} as const;

/** Multicast groups (rtnetlink_groups). */
export const RTNLGRP = { LINK: 1, IPV6_IFADDR: 9, IPV6_ROUTE: 11, IPV6_RULE: 19, NEXTHOP: 32 } as const;

/** Low 14 bits of nla_type are the type; the top bit says "nested". */
export const NLA_F_NESTED = 0x8000;
export const NLA_TYPE_MASK = 0x3fff;

export const IFLA = {
  IFNAME: 3,
  MTU: 4,
  MASTER: 10,
  OPERSTATE: 16,
  LINKINFO: 18,
  STATS64: 23,
  GROUP: 27,
  CARRIER: 33,
} as const;
export const IFLA_INFO = { KIND: 1, DATA: 2 } as const;
/** linux/if_tunnel.h */
export const IFLA_IPTUN = {
  LINK: 1,
  LOCAL: 2,
  REMOTE: 3,
  TTL: 4,
  ENCAP_LIMIT: 6,
  FLOWINFO: 7,
  FLAGS: 8,
  PROTO: 9,
} as const;
/** linux/ip6_tunnel.h: no option that limits encapsulations; the traffic class of what is within. */
export const IP6_TNL_F = { IGN_ENCAP_LIMIT: 0x1, USE_ORIG_TCLASS: 0x2 } as const;
export const IFF_UP = 0x1;
export const IFF_LOWER_UP = 0x10000;

export const NDA = { DST: 1, LLADDR: 2, IFINDEX: 8 } as const;
/** States in which the link-layer address of a neighbour is there to be used (NUD_VALID of net/neighbour.h). */
export const NUD_VALID = 0x02 | 0x04 | 0x08 | 0x10 | 0x40 | 0x80;
/** States of entries that nobody finds out: NUD_NOARP and NUD_PERMANENT. */
export const NUD_FIXED = 0x40 | 0x80;
/** A state that says nothing. */
export const NUD_NONE = 0;
/** "Somebody sends to it now": the kernel finds out its address, or whether that is still right. */
export const NTF_USE = 0x01;

export const IFA = { ADDRESS: 1, LOCAL: 2, CACHEINFO: 6, FLAGS: 8, PROTO: 11 } as const;
export const IFA_F = {
  NODAD: 0x2,
  DADFAILED: 0x8,
  DEPRECATED: 0x20,
  TENTATIVE: 0x40,
  PERMANENT: 0x80,
} as const;

export const RTA = {
  DST: 1,
  OIF: 4,
  GATEWAY: 5,
  PRIORITY: 6,
  PREFSRC: 7,
  METRICS: 8,
  MULTIPATH: 9,
  TABLE: 15,
  VIA: 18,
  PREF: 20,
  ENCAP_TYPE: 21,
  ENCAP: 22,
  NH_ID: 30,
} as const;
/** Bits of the metrics that are locked, 1 << RTAX_*. */
export const RTAX_LOCK = 1;
export const RTAX_MTU = 2;
export const RTN = { UNICAST: 1, LOCAL: 2, BLACKHOLE: 6, UNREACHABLE: 7, PROHIBIT: 8 } as const;
export const RT_SCOPE = { UNIVERSE: 0, LINK: 253, HOST: 254 } as const;
/** rtm_flags: a cached clone, not a route of the table. */
export const RTM_F_CLONED = 0x200;

export const FRA = {
  DST: 1,
  SRC: 2,
  IIFNAME: 3,
  PRIORITY: 6,
  FWMARK: 10,
  TABLE: 15,
  FWMASK: 16,
  OIFNAME: 17,
  PROTOCOL: 21,
  IP_PROTO: 22,
  DPORT_RANGE: 24,
  /** Since Linux 6.12; before, DSCP stands in the header's `tos`, where 0 means any. */
  DSCP: 25,
} as const;
export const FR_ACT_TO_TBL = 1;

export const NHA = {
  ID: 1,
  GROUP: 2,
  GROUP_TYPE: 3,
  BLACKHOLE: 4,
  OIF: 5,
  GATEWAY: 6,
  ENCAP_TYPE: 7,
  ENCAP: 8,
} as const;

export const LWTUNNEL_ENCAP = { SEG6: 5, SEG6_LOCAL: 7 } as const;

/** linux/seg6_iptunnel.h */
export const SEG6_IPTUNNEL_SRH = 1;
export const SEG6_IPTUN_MODES = ["inline", "encap", "l2encap", "encap.red", "l2encap.red"] as const;

/** linux/seg6_local.h */
export const SEG6_LOCAL = { ACTION: 1, TABLE: 3, NH6: 5, IIF: 6, OIF: 7, VRFTABLE: 9, COUNTERS: 10 } as const;
export const SEG6_LOCAL_CNT = { PACKETS: 2, BYTES: 3, ERRORS: 4 } as const;
export const SEG6_LOCAL_ACTION = { END: 1, END_X: 2, END_T: 3, END_DX6: 5, END_DT6: 7 } as const;
