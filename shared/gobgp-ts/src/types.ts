/** Plain values at the edge of this package. Addresses and prefixes are text; times are seconds where the name says S. */

export type Family = "ipv6-unicast" | "ipv4-unicast";

export interface GlobalConfig {
  readonly asn: number;
  /** Dotted quad. */
  readonly routerId: string;
  /** -1: do not listen. */
  readonly listenPort: number;
  readonly listenAddresses: readonly string[];
  readonly confederation?: { readonly identifier: number; readonly members: readonly number[] };
  readonly alwaysCompareMed?: boolean;
  /** Ties go to the lower router id also between external paths, not to the older path. */
  readonly externalCompareRouterId?: boolean;
}

export interface PeerConfig {
  readonly address: string;
  readonly asn: number;
  readonly description?: string;
  readonly remotePort?: number;
  /** Wait for the neighbour to connect. */
  readonly passive?: boolean;
  readonly holdS: number;
  readonly keepaliveS: number;
  /** gobgpd never uses less than 5. */
  readonly connectRetryS?: number;
  readonly families?: readonly Family[];
  /** Cluster id (dotted quad); present: the neighbour is our route-reflector client. */
  readonly clusterId?: string;
  readonly gracefulRestart?: {
    readonly restartS: number;
    /** How long a restarted speaker waits for its neighbours' End-of-RIB before it announces. */
    readonly deferralS: number;
  };
  /** For AddPeer only: sets the Restart State bit (RFC 4724 section 3). Never read back. */
  readonly localRestarting?: boolean;
  /** More than this closes the session until EnablePeer. */
  readonly maxPrefixes?: number;
  /** How many times our own AS number may stand in a received AS_PATH. */
  readonly allowOwnAsn?: number;
  readonly removePrivate?: "all" | "replace";
  readonly adminDown?: boolean;
}

export type SessionState =
  | "unknown"
  | "idle"
  | "connect"
  | "active"
  | "opensent"
  | "openconfirm"
  | "established";

export interface PeerStatus {
  readonly config: PeerConfig;
  readonly session: SessionState;
  readonly admin: "up" | "down" | "prefix-limit";
  readonly remoteRouterId: string;
  /** Prefixes, all families. */
  readonly received: number;
  readonly accepted: number;
  readonly advertised: number;
  /** Epoch seconds of the last transition to Established; 0 when never. */
  readonly upSince: number;
  readonly messages: { readonly received: number; readonly sent: number };
}

export interface AsPathSegment {
  readonly type: "set" | "sequence" | "confed-sequence" | "confed-set";
  readonly asns: readonly number[];
}

/** What AddPath takes. */
export interface NewPath {
  readonly prefix: string;
  /** `::` means this router: every session sends its own address. */
  readonly nextHop: string;
  readonly med?: number;
  readonly localPref?: number;
  readonly asPath?: readonly AsPathSegment[];
  /** `a:b:c`. */
  readonly largeCommunities?: readonly string[];
}

export type Origin = "igp" | "egp" | "incomplete";

export interface Path extends NewPath {
  readonly asPath: readonly AsPathSegment[];
  readonly origin: Origin;
  /** `a:b`, RFC 1997. */
  readonly communities: readonly string[];
  readonly largeCommunities: readonly string[];
  readonly best: boolean;
  readonly withdraw: boolean;
  /** Address of the neighbour it was learned from; undefined for a path that AddPath made. */
  readonly from?: string;
  readonly sourceAsn: number;
  readonly stale: boolean;
  /** Refused by import policy (only with `filtered`). */
  readonly filtered: boolean;
  /** Only for paths that AddPath made. */
  readonly uuid?: Uint8Array;
}

export interface PrefixRange {
  readonly prefix: string;
  readonly min: number;
  readonly max: number;
}

export type DefinedSet =
  | { readonly type: "prefix"; readonly name: string; readonly prefixes: readonly PrefixRange[] }
  | {
      readonly type: "neighbour" | "as-path" | "community" | "large-community";
      readonly name: string;
      /** Neighbours with prefix length; the others are regular expressions. */
      readonly list: readonly string[];
    };
export type DefinedSetType = DefinedSet["type"];

export interface SetMatch {
  readonly name: string;
  readonly match: "any" | "all" | "invert";
}

export interface StatementConditions {
  readonly neighbours?: SetMatch;
  readonly prefixes?: SetMatch;
  readonly asPath?: SetMatch;
  readonly largeCommunities?: SetMatch;
  readonly routeType?: "internal" | "external" | "local";
}

export interface CommunityChange {
  readonly op: "add" | "remove" | "replace";
  /** Values; for `remove` regular expressions. */
  readonly list: readonly string[];
}

export interface StatementActions {
  /** Absent: go on to the next statement. */
  readonly route?: "accept" | "reject";
  readonly med?: { readonly op: "set" | "add"; readonly value: number };
  readonly nextHop?: "self" | "unchanged" | { readonly address: string };
  readonly largeCommunities?: CommunityChange;
  readonly communities?: CommunityChange;
  readonly localPref?: number;
}

export interface Statement {
  /** Unique among all statements of the speaker. */
  readonly name: string;
  readonly when: StatementConditions;
  readonly apply: StatementActions;
}

export interface Policy {
  readonly name: string;
  readonly statements: readonly Statement[];
}

export interface PolicyAssignment {
  readonly direction: "import" | "export";
  readonly policies: readonly string[];
  readonly defaultAction: "accept" | "reject";
}
