import { familyOf, fromPbPath, toPbFamily, toPbPath } from "./convert-path.ts";
import { fromPbGlobal, fromPbPeer, toPbGlobal, toPbPeer } from "./convert-peer.ts";
import {
  DEFINED_TYPES,
  fromPbAssignment,
  fromPbDefinedSet,
  fromPbPolicy,
  toPbDefinedSet,
  toPbDirection,
  toPbPolicy,
} from "./convert-policy.ts";
import { toGobgpError } from "./errors.ts";
import {
  GobgpApi,
  ResetPeerRequest_SoftResetDirection,
  RouteAction,
  TableLookupPrefix_Type,
  TableType,
  WatchEventRequest_Table_Filter_Type,
} from "./gen/gobgp_pb.js";
import type { CallOptions } from "./grpc/call.ts";
import { type Client, createClient } from "./grpc/client.ts";
import type {
  DefinedSet,
  DefinedSetType,
  Family,
  GlobalConfig,
  NewPath,
  Path,
  PeerConfig,
  PeerStatus,
  Policy,
  PolicyAssignment,
} from "./types.ts";

export type GobgpTarget =
  | { /** Path of gobgpd's unix socket (`--api-hosts unix:///PATH`). */ readonly socketPath: string }
  | { /** `http://[::1]:50051` */ readonly target: string };

export type ConnectOptions = GobgpTarget & {
  /** Octets of the largest answer accepted; 64 MiB unless told. */
  readonly readMaxBytes?: number;
  /** Limit of each call that is not a watch, ms; 30,000 unless told. */
  readonly timeoutMs?: number;
};

export interface ListPathsOptions {
  readonly table: "global" | "adj-in" | "adj-out";
  readonly family?: Family;
  /** Needed for adj-in and adj-out. */
  readonly neighbour?: string;
  /** Only these prefixes, exactly. */
  readonly prefixes?: readonly string[];
  /**
   * Only the most specific prefix that covers each of these addresses; excludes `prefixes`. One table is walked once, whatever
   * the number of addresses, and each is found by at most 129 look-ups.
   */
  readonly covering?: readonly string[];
  /** Adj-in: with what import policy refused. */
  readonly filtered?: boolean;
  readonly signal?: AbortSignal;
}

export type GobgpEvent =
  | { readonly type: "peer"; readonly peer: PeerStatus }
  | { readonly type: "paths"; readonly paths: readonly Path[] };

const TABLES = {
  global: TableType.GLOBAL,
  "adj-in": TableType.ADJ_IN,
  "adj-out": TableType.ADJ_OUT,
} as const;
const SOFT = {
  in: ResetPeerRequest_SoftResetDirection.IN,
  out: ResetPeerRequest_SoftResetDirection.OUT,
  both: ResetPeerRequest_SoftResetDirection.BOTH,
} as const;
const DEFINED_SET_TYPES = Object.keys(DEFINED_TYPES) as readonly DefinedSetType[];

/** One gobgpd (v3) over gRPC. Every method throws GobgpError and nothing else. */
export interface GobgpClient {
  /** The generated client, for what is not wrapped here. */
  readonly raw: Client<typeof GobgpApi>;
  /**
   * Undefined while StartBgp has not been called. GoBGP 3.10 tells AS number, router id, port and addresses only:
   * confederation and route selection options are not read back.
   */
  getGlobal(signal?: AbortSignal): Promise<GlobalConfig | undefined>;
  startBgp(global: GlobalConfig, signal?: AbortSignal): Promise<void>;
  stopBgp(signal?: AbortSignal): Promise<void>;
  listPeers(signal?: AbortSignal): Promise<readonly PeerStatus[]>;
  addPeer(peer: PeerConfig, signal?: AbortSignal): Promise<void>;
  deletePeer(address: string, signal?: AbortSignal): Promise<void>;
  enablePeer(address: string, signal?: AbortSignal): Promise<void>;
  disablePeer(address: string, reason: string, signal?: AbortSignal): Promise<void>;
  /** Applies policy again, without touching the session. `out` does not withdraw what policy refuses now. */
  softReset(address: string, direction: "in" | "out" | "both", signal?: AbortSignal): Promise<void>;
  hardReset(address: string, reason: string, signal?: AbortSignal): Promise<void>;
  listPaths(options: ListPathsOptions): AsyncIterable<Path>;
  /** How many destinations the global table holds. */
  countDestinations(family: Family, signal?: AbortSignal): Promise<number>;
  /** Returns the UUID by which gobgpd knows the path. */
  addPath(path: NewPath, signal?: AbortSignal): Promise<Uint8Array>;
  deletePath(path: { readonly uuid: Uint8Array } | NewPath, signal?: AbortSignal): Promise<void>;
  listDefinedSets(signal?: AbortSignal): Promise<readonly DefinedSet[]>;
  listPolicies(signal?: AbortSignal): Promise<readonly Policy[]>;
  /** Replaces every defined set and policy at once; assignments keep the policy names they had. */
  setPolicies(
    all: { readonly definedSets: readonly DefinedSet[]; readonly policies: readonly Policy[] },
    signal?: AbortSignal,
  ): Promise<void>;
  /** The global table's. */
  getAssignment(
    direction: PolicyAssignment["direction"],
    signal?: AbortSignal,
  ): Promise<PolicyAssignment | undefined>;
  setAssignment(assignment: PolicyAssignment, signal?: AbortSignal): Promise<void>;
  /** Peer changes and, with `best`, best paths as they change. Ends with the signal. */
  watch(options: { readonly best: boolean; readonly signal: AbortSignal }): AsyncIterable<GobgpEvent>;
}

async function guarded<T>(call: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    throw toGobgpError(cause, call);
  }
}

/** Makes a client; connects at the first call and again after a loss. */
export function connectGobgp(options: ConnectOptions): GobgpClient {
  const raw = createClient(GobgpApi, { ...options, readMaxBytes: options.readMaxBytes ?? 64 * 1024 * 1024 });
  const timeoutMs = options.timeoutMs ?? 30_000;
  const limits = (signal: AbortSignal | undefined): CallOptions =>
    signal === undefined ? { timeoutMs } : { timeoutMs, signal };

  async function* listPaths(query: ListPathsOptions): AsyncGenerator<Path> {
    // An address without a length is looked up by its longest match (GoBGP internal/pkg/table/table.go, Table.Select).
    const wanted = query.covering ?? query.prefixes;
    const [first] = wanted ?? [];
    if (wanted !== undefined && first === undefined) return;
    const family = query.family ?? (first === undefined ? "ipv6-unicast" : familyOf(first));
    const request = {
      tableType: TABLES[query.table],
      family: toPbFamily(family),
      name: query.neighbour ?? "",
      enableFiltered: query.filtered ?? false,
      prefixes: (wanted ?? []).map((prefix) => ({ prefix, type: TableLookupPrefix_Type.EXACT })),
    };
    try {
      for await (const answer of raw.listPath(request, limits(query.signal))) {
        for (const pbPath of answer.destination?.paths ?? []) {
          const path = fromPbPath(pbPath);
          if (path !== undefined) yield path;
        }
      }
    } catch (cause) {
      throw toGobgpError(cause, "ListPath");
    }
  }

  async function* watch(query: { best: boolean; signal: AbortSignal }): AsyncGenerator<GobgpEvent> {
    const filters = [{ type: WatchEventRequest_Table_Filter_Type.BEST, init: false }];
    try {
      const request = query.best ? { peer: {}, table: { filters } } : { peer: {} };
      for await (const answer of raw.watchEvent(request, { signal: query.signal })) {
        if (answer.event.case === "peer" && answer.event.value.peer !== undefined) {
          yield { type: "peer", peer: fromPbPeer(answer.event.value.peer) };
        } else if (answer.event.case === "table") {
          yield { type: "paths", paths: answer.event.value.paths.flatMap((p) => fromPbPath(p) ?? []) };
        }
      }
    } catch (cause) {
      if (!query.signal.aborted) throw toGobgpError(cause, "WatchEvent");
    }
  }

  return {
    raw,
    watch,
    listPaths,
    getGlobal: (signal) =>
      guarded("GetBgp", async () => {
        const { global } = await raw.getBgp({}, limits(signal));
        return global === undefined || global.asn === 0 ? undefined : fromPbGlobal(global);
      }),
    startBgp: (global, signal) =>
      guarded("StartBgp", async () => {
        await raw.startBgp({ global: toPbGlobal(global) }, limits(signal));
      }),
    stopBgp: (signal) =>
      guarded("StopBgp", async () => {
        await raw.stopBgp({}, limits(signal));
      }),
    listPeers: (signal) =>
      guarded("ListPeer", async () => {
        const peers: PeerStatus[] = [];
        for await (const { peer } of raw.listPeer({ enableAdvertised: false }, limits(signal)))
          if (peer !== undefined) peers.push(fromPbPeer(peer));
        return peers;
      }),
    addPeer: (peer, signal) =>
      guarded(`AddPeer ${peer.address}`, async () => {
        await raw.addPeer({ peer: toPbPeer(peer) }, limits(signal));
      }),
    deletePeer: (address, signal) =>
      guarded(`DeletePeer ${address}`, async () => {
        await raw.deletePeer({ address }, limits(signal));
      }),
    enablePeer: (address, signal) =>
      guarded(`EnablePeer ${address}`, async () => {
        await raw.enablePeer({ address }, limits(signal));
      }),
    disablePeer: (address, reason, signal) =>
      guarded(`DisablePeer ${address}`, async () => {
        await raw.disablePeer({ address, communication: reason }, limits(signal));
      }),
    softReset: (address, direction, signal) =>
      guarded(`ResetPeer ${address}`, async () => {
        await raw.resetPeer({ address, soft: true, direction: SOFT[direction] }, limits(signal));
      }),
    hardReset: (address, reason, signal) =>
      guarded(`ResetPeer ${address}`, async () => {
        await raw.resetPeer({ address, communication: reason }, limits(signal));
      }),
    countDestinations: (family, signal) =>
      guarded("GetTable", async () => {
        const request = { tableType: TableType.GLOBAL, family: toPbFamily(family), name: "" };
        return Number((await raw.getTable(request, limits(signal))).numDestination);
      }),
    addPath: (path, signal) =>
      guarded(`AddPath ${path.prefix}`, async () => {
        const request = { tableType: TableType.GLOBAL, path: toPbPath(path) };
        return (await raw.addPath(request, limits(signal))).uuid;
      }),
    deletePath: (path, signal) =>
      guarded("DeletePath", async () => {
        const family = toPbFamily("prefix" in path ? familyOf(path.prefix) : "ipv6-unicast");
        const which = "uuid" in path ? { uuid: path.uuid } : { path: toPbPath(path) };
        await raw.deletePath({ tableType: TableType.GLOBAL, family, ...which }, limits(signal));
      }),
    listDefinedSets: (signal) =>
      guarded("ListDefinedSet", async () => {
        const sets: DefinedSet[] = [];
        for (const type of DEFINED_SET_TYPES) {
          const request = { definedType: DEFINED_TYPES[type] };
          for await (const { definedSet } of raw.listDefinedSet(request, limits(signal)))
            if (definedSet !== undefined) sets.push(fromPbDefinedSet(definedSet, type));
        }
        return sets;
      }),
    listPolicies: (signal) =>
      guarded("ListPolicy", async () => {
        const policies: Policy[] = [];
        for await (const { policy } of raw.listPolicy({}, limits(signal)))
          if (policy !== undefined) policies.push(fromPbPolicy(policy));
        return policies;
      }),
    setPolicies: (all, signal) =>
      guarded("SetPolicies", async () => {
        const definedSets = all.definedSets.map(toPbDefinedSet);
        await raw.setPolicies({ definedSets, policies: all.policies.map(toPbPolicy) }, limits(signal));
      }),
    getAssignment: (direction, signal) =>
      guarded("ListPolicyAssignment", async () => {
        const request = { name: "global", direction: toPbDirection(direction) };
        for await (const { assignment } of raw.listPolicyAssignment(request, limits(signal)))
          if (assignment !== undefined) return fromPbAssignment(assignment, direction);
        return undefined;
      }),
    setAssignment: (assignment, signal) =>
      guarded("SetPolicyAssignment", async () => {
        await raw.setPolicyAssignment(
          {
            assignment: {
              name: "global",
              direction: toPbDirection(assignment.direction),
              policies: assignment.policies.map((name) => ({ name })),
              defaultAction: assignment.defaultAction === "reject" ? RouteAction.REJECT : RouteAction.ACCEPT,
            },
          },
          limits(signal),
        );
      }),
  };
}
