import type { HealthPart } from "../contract/part-health.ts";
import type { FabricEpe } from "./epe-model.ts";
import type { FabricTelescreen } from "./resolve-telescreen.ts";
import type { FabricServices, ServiceKind } from "./services-model.ts";

/**
 * The fabric, resolved: what a valid fabric file means once defaults are filled in and addresses are derived. Pure
 * values; every program works from this, nobody from the YAML. Prefixes and addresses are RFC 5952 text.
 */

export type FabricRole = "plane" | "external-edge" | "edge" | "upstream";

/** Who runs a node: our agent with GoBGP, or somebody else's BIRD that we never touch. */
export type Software = "vsix" | "bird";

export interface Fabric {
  readonly name: string;
  /** The AS the world sees (confederation identifier). */
  readonly as: number;
  /** What upstreams hear. */
  readonly prefixes: readonly string[];
  /** Confederation member of all External Edges. */
  readonly externalAs: number;
  readonly sites: readonly string[];
  readonly planes: readonly Plane[];
  readonly nodes: readonly FabricNode[];
  readonly links: readonly FabricLink[];
  readonly addressing: {
    readonly infrastructure: string;
    readonly loopbacks: string;
    readonly links: string;
    readonly sids: string;
  };
  readonly policy: FabricPolicy;
  readonly overrides: readonly FabricOverride[];
  readonly measure: FabricMeasure;
  /** Absent: nothing is measured by egress peer, and nothing moved. */
  readonly epe?: FabricEpe;
  /** Absent: no node looks. */
  readonly health?: FabricHealth;
  readonly services?: FabricServices;
  /** Absent: no DNS is captured. */
  readonly telescreen?: FabricTelescreen;
}

/** How the network feels from its nodes. */
export interface FabricHealth {
  /** What all of them look at; planes are told to each node by where it stands. */
  readonly part: HealthPart;
  /** Who looks; of those that run our agent. */
  readonly nodes: readonly string[];
}

export interface Plane {
  readonly name: string;
  /** 1, 2, … in file order. */
  readonly index: number;
  readonly memberAs: number;
}

export interface FabricNode {
  readonly name: string;
  readonly role: FabricRole;
  /** What an Edge does for everybody; a role of its own in the file. */
  readonly service?: ServiceKind;
  /** IPv4 prefixes that are routed to a translator from outside. */
  readonly pool?: readonly string[];
  readonly software: Software;
  /** 1..4095. */
  readonly id: number;
  readonly site: string;
  /** Only for role `plane`. */
  readonly plane?: string;
  /** The AS number this node speaks as (confederation member's for plane and external-edge). */
  readonly asn: number;
  /** The address that means this node; for an Edge or upstream the first address (::1) of its first prefix. */
  readonly loopback: string;
  readonly routerId: string;
  /** SRv6 locators (/64). An External Edge has one per plane, a plane router one, others none. */
  readonly locators: readonly { readonly prefix: string; readonly plane: string }[];
  /** Edges and upstreams: prefixes they announce. Each has a live host at its ::1. */
  readonly prefixes: readonly string[];
  /** Edges: plane wanted when nothing else is said. */
  readonly prefers?: string;
  /** Edges: `default` hears ::/0 and our own prefixes, `full` hears everything. */
  readonly table?: "default" | "full";
  /** True on the one Edge where the controller lives. */
  readonly controller: boolean;
  /** Edges: networks of hosts behind them. */
  readonly lans?: readonly FabricLan[];
  /** The operator's own, to choose nodes by; nothing is compiled from them. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** What hosts of one LAN are told. */
export interface FabricLan {
  readonly interface: string;
  /** /64. */
  readonly prefix: string;
  /** Of the node there; without prefix length. */
  readonly address: string;
  /** Octets; absent: nothing is told. */
  readonly mtu?: number;
  readonly resolvers: readonly string[];
  readonly pref64?: string;
  readonly preference: "high" | "medium" | "low";
}

export interface FabricLink {
  /** `a--b` or `a--b.2` for a second parallel link. */
  readonly name: string;
  readonly ends: readonly [LinkEnd, LinkEnd];
  /** /127. */
  readonly prefix: string;
  readonly kind: "plane-internal" | "plane-external" | "plane-edge" | "upstream" | "outside";
  /** Octets at the IP layer. */
  readonly mtu: number;
  /** Plane metric; only meaningful for `plane-internal`. */
  readonly cost: number;
  /** Both ends speak BFD on it, with these times; absent: they do not. */
  readonly bfd?: BfdTimes;
  /** One way; the lab's cable makes it so. */
  readonly delayMs: number;
  /** 0..100, each way; the lab's cable makes it so. */
  readonly lossPercent: number;
}

export interface LinkEnd {
  readonly node: string;
  readonly interface: string;
  /** Without prefix length. */
  readonly address: string;
}

/** RFC 5880: between packets before jitter, and after how many intervals of silence a session is down. */
export interface BfdTimes {
  readonly intervalMs: number;
  readonly multiplier: number;
}

export interface FabricPolicy {
  readonly bogons: readonly string[];
  readonly maxPrefixes: { readonly edge: number; readonly upstream: number; readonly plane: number };
  readonly holdS: number;
  readonly gracefulRestartS: number;
  /** Of links that have no times of their own. */
  readonly bfd: BfdTimes;
  readonly med: { readonly preferred: number; readonly other: number; readonly drained: number };
  readonly probe: { readonly intervalMs: number; readonly burstIntervalMs: number };
}

/** What planes are measured over, each from its own routers. */
export interface FabricMeasure {
  readonly targets: readonly { readonly name: string; readonly address: string }[];
  /** Between echoes to one target. */
  readonly intervalMs: number;
  /** Octets of the whole IPv6 packet. */
  readonly size: number;
  /** Echoes a second that one node sends at most. */
  readonly maxPacketsPerS: number;
}

/** Static egress steering: traffic of Edges to `prefix` leaves by `upstream` of `via`, by SRv6, whatever BGP says. */
export interface FabricOverride {
  readonly prefix: string;
  /** External Edge. */
  readonly via: string;
  readonly upstream: string;
  /** Edges it applies to; empty means every Edge. */
  readonly edges: readonly string[];
}
