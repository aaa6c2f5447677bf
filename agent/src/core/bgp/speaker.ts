/**
 * A whole BGP speaker as a value no engine owns: what a driver (resources/bgp) makes a running engine match. Policy is
 * one import list and one export list for all neighbours, default deny in both directions (RFC 8212); a statement
 * without a route action only modifies, and the next one is looked at.
 */

export interface Speaker {
  readonly global: SpeakerGlobal;
  readonly neighbours: readonly SpeakerNeighbour[];
  readonly definedSets: readonly DefinedSet[];
  readonly importStatements: readonly Statement[];
  readonly exportStatements: readonly Statement[];
  readonly originated: readonly OriginatedPath[];
}

export interface SpeakerGlobal {
  readonly asn: number;
  /** Dotted quad. */
  readonly routerId: string;
  readonly listenPort: number;
  readonly confederation?: { readonly identifier: number; readonly members: readonly number[] };
  readonly alwaysCompareMed: boolean;
  readonly externalCompareRouterId: boolean;
}

export interface SpeakerNeighbour {
  /** Name of the node at the far end; unique. */
  readonly name: string;
  readonly address: string;
  readonly asn: number;
  /** 0: the well-known port. */
  readonly remotePort: number;
  readonly holdS: number;
  readonly keepaliveS: number;
  /** Present: the neighbour is our route-reflector client under this cluster id. */
  readonly clusterId?: string;
  readonly gracefulRestart?: { readonly restartS: number; readonly deferralS: number };
  /** 0: no limit. */
  readonly maxPrefixes: number;
  /** How often an own AS number may stand in what is received before the engine drops it itself. */
  readonly allowOwnAsn: number;
  readonly removePrivate: boolean;
}

export interface PrefixRange {
  readonly prefix: string;
  /** Lengths accepted, both included. */
  readonly min: number;
  readonly max: number;
}

export type DefinedSet =
  | { readonly type: "prefix"; readonly name: string; readonly prefixes: readonly PrefixRange[] }
  | {
      readonly type: "neighbour" | "as-path" | "large-community";
      readonly name: string;
      /** Neighbours as /128; the others are regular expressions. */
      readonly list: readonly string[];
    };

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

export interface StatementActions {
  readonly route?: "accept" | "reject";
  readonly med?: { readonly op: "set" | "add"; readonly value: number };
  readonly localPref?: number;
  readonly nextHop?: "self" | "unchanged";
  readonly largeCommunities?: {
    readonly op: "add" | "remove" | "replace";
    /** Values; for `remove` regular expressions. */
    readonly list: readonly string[];
  };
}

export interface Statement {
  /** Unique among import and export statements together. */
  readonly name: string;
  readonly when: StatementConditions;
  readonly apply: StatementActions;
}

/** Made here; every session sends its own address as next hop. */
export interface OriginatedPath {
  readonly prefix: string;
  /** `a:b:c`. */
  readonly largeCommunities: readonly string[];
  /** AS path before our own number is put in front of it; empty where it is left out. */
  readonly asPath?: readonly number[];
}
