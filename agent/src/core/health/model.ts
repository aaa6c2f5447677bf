import type { HealthLayer, HealthState } from "@vsix/shared/contract/up-health.ts";
import type { DnsType } from "../../wire/dns-client.ts";
import type { RouterAdvertisement } from "../../wire/router-advertisement.ts";

/** What a run looks at, as values: checks before it, outcomes and results after. Times are microseconds unless a unit is named. */

/** What the kernel and files say of this machine, before anything is sent. */
export interface LocalFacts {
  /** Undefined: there is none that anything could leave by. */
  readonly port: PortFacts | undefined;
  /** The device that was asked for by name, where one was. */
  readonly wanted?: string;
  readonly addresses: readonly AddressFacts[];
  /** Where packets to the outside go; undefined: nowhere. */
  readonly route: RouteFacts | undefined;
  readonly ipv4: { readonly addresses: readonly string[]; readonly gateway?: string };
  /** Of resolv.conf, in its order. */
  readonly resolvers: readonly string[];
  /** What a router answered to a solicitation; undefined where none was sent. */
  readonly advertisement: AdvertisementFacts | undefined;
}

export interface AdvertisementFacts {
  readonly from?: string;
  readonly said?: RouterAdvertisement;
  /** Why nobody could be asked. */
  readonly fault?: string;
}

export interface PortFacts {
  readonly name: string;
  readonly index: number;
  readonly up: boolean;
  readonly carrier: boolean;
  /** Octets. */
  readonly mtu: number;
  /** Mbit/s; devices without a cable know none. */
  readonly speedMbps?: number;
  readonly wifi?: { readonly signalDbm?: number };
}

export interface AddressFacts {
  readonly address: string;
  readonly scope: "global" | "link";
  /** Duplicate address detection (RFC 4862 section 5.4) is under way. */
  readonly tentative: boolean;
  /** It failed: somebody else has it. */
  readonly duplicate: boolean;
  readonly deprecated: boolean;
  /** Made from an advertisement or leased, not written down. */
  readonly dynamic: boolean;
}

export interface RouteFacts {
  readonly interface: string;
  readonly index: number;
  /** Undefined: everything is on the link. */
  readonly gateway?: string;
  readonly by: "advertisement" | "other";
}

/** Where a check's packets go: an address, or what a name was found to have. */
export type Where = { readonly address: string } | { readonly name: string } | { readonly ipv4: string };

export type Task =
  /** What {@link LocalFacts} says; nothing is sent. */
  | { readonly kind: "facts"; readonly about: "link" | "address" | "advertisement" | "route" }
  | {
      readonly kind: "echo";
      readonly to: Where;
      readonly count: number;
      /** Of a neighbour on a link: whether it is there is asked of it by neighbour discovery, too. */
      readonly neighbourOn?: number;
    }
  | { readonly kind: "trace"; readonly to: Where }
  | {
      readonly kind: "query";
      readonly server: string;
      readonly name: string;
      readonly type: DnsType;
      readonly dnssec: boolean;
    }
  | { readonly kind: "fetch"; readonly url: string; readonly to: Where }
  | { readonly kind: "mtu"; readonly to: Where; readonly sizes: readonly number[] };

/** What a check is for: rules find their checks by it. */
export type Role =
  | "link"
  | "address"
  | "route"
  | "advertisement"
  | "gateway"
  | "resolver-echo"
  | "target"
  | "target-trace"
  | "lookup"
  | "signed"
  | "web"
  | "dns64"
  | "translated-lookup"
  | "translated"
  | "translated-echo"
  | "translated-trace"
  | "mtu"
  | "plane";

export interface Check {
  /** Within a plan. */
  readonly id: string;
  readonly layer: HealthLayer;
  readonly role: Role;
  /** For people; also what rules group by: a resolver, a target, a page. */
  readonly subject: string;
  readonly task: Task;
  /** Of each group one at least must not have failed; what is not tried names it. */
  readonly needs: readonly (readonly string[])[];
  /** Made only where that one failed. */
  readonly onlyIfBad?: string;
  readonly plane?: string;
}

export interface EchoOutcome {
  readonly kind: "echo";
  readonly address: string;
  readonly sent: number;
  readonly rttsUs: readonly number[];
  /** What a router said instead of an answer, once each. */
  readonly errors: readonly { readonly from: string; readonly what: string }[];
  /** The kernel did not even send. */
  readonly refused?: string;
  /** Of a neighbour: whether it answered a solicitation (RFC 4861 section 7.2). */
  readonly there?: boolean;
}

export interface QueryOutcome {
  readonly kind: "query";
  /** Why there is no answer. */
  readonly fault?: string;
  readonly us: number;
  readonly rcode: number;
  readonly addresses: readonly string[];
  readonly authentic: boolean;
  readonly tcp: boolean;
}

export interface FetchOutcome {
  readonly kind: "fetch";
  readonly address: string;
  readonly status?: number;
  readonly connectUs?: number;
  readonly firstByteUs?: number;
  /** Clock of the server (RFC 9110 section 6.6.1) less ours at that moment. */
  readonly clockMs?: number;
  readonly fault?: { readonly code: string; readonly text: string };
}

export interface TraceOutcome {
  readonly kind: "trace";
  readonly address: string;
  readonly reached: boolean;
  /** Hops that answered. */
  readonly hops: readonly { readonly hop: number; readonly address: string; readonly us: number }[];
  readonly fault?: string;
}

export interface SizeOutcome {
  readonly size: number;
  readonly how: "passes" | "told" | "lost" | "not-sent";
  /** Who told that it is too big, and what would not be. */
  readonly from?: string;
  readonly mtu?: number;
}

export interface MtuOutcome {
  readonly kind: "mtu";
  readonly address: string;
  /** Smallest first. */
  readonly sizes: readonly SizeOutcome[];
  /** The last hop that a lost size got to: it gets lost behind. */
  readonly lostBehind?: string;
}

export type Outcome = EchoOutcome | QueryOutcome | FetchOutcome | TraceOutcome | MtuOutcome;

export interface Result {
  readonly check: Check;
  readonly state: HealthState;
  /** What was found, or why it was not tried. */
  readonly text: string;
  readonly tried: boolean;
  /** Not tried for a reason that is no fault of the network: what depends on it is tried all the same. */
  readonly excused?: boolean;
  readonly outcome?: Outcome;
  readonly us?: number;
  readonly lossPercent?: number;
}
