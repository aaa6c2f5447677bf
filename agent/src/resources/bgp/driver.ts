import { connectGobgp, type GobgpClient } from "gobgp-ts";
import { GobgpError } from "gobgp-ts/errors.ts";
import type { PolicyBase, Refresh } from "../../core/bgp/effective.ts";
import type { Speaker, SpeakerGlobal } from "../../core/bgp/speaker.ts";
import type { ToldRoute } from "../../core/egress/route-rows.ts";
import { type BgpEngine, BgpEngineError, type ReconcileResult, type SessionState } from "./engine.ts";
import { type BgpStep, describeStep, planPolicyOnly, planSpeaker } from "./model.ts";
import {
  EXPORT_POLICY,
  IMPORT_POLICY,
  markerSet,
  observeSpeaker,
  pendingSets,
  toNewPath,
  toPeerConfig,
} from "./observe.ts";

export interface BgpDriverOptions {
  /** gobgpd's gRPC socket. */
  readonly socketPath: string;
  /**
   * True when this node was forwarding before the agent started (own routes were found in the kernel): an empty
   * gobgpd is then a restarted one from the first time on.
   */
  readonly forwarding?: boolean;
  /** Faults are put in here by tests. */
  readonly wrapClient?: (client: GobgpClient) => GobgpClient;
}

/** Name by which compile.ts calls our own receiver. */
const FEED_NAME = "vsix-feed";

function wrap(cause: unknown): never {
  if (!(cause instanceof GobgpError)) throw cause;
  const gone = cause.code === "unavailable" || cause.code === "timeout" || cause.code === "aborted";
  throw new BgpEngineError(gone ? "bgp-unavailable" : "bgp-refused", cause.message, { cause });
}

/** Makes a running gobgpd match a Speaker. One driver for each gobgpd; calls may overlap, reconciles do not. */
export function bgpDriver(options: BgpDriverOptions): BgpEngine {
  const raw = connectGobgp({ socketPath: options.socketPath });
  const client = options.wrapClient?.(raw) ?? raw;
  const disabled = new Map<string, string>();
  const originated = new Set<string>();
  let adopted = false;
  let configured = options.forwarding ?? false;
  /** What the engine was last brought to; undefined when that is not certain. */
  let known: Speaker | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const exclusive = <T>(run: () => Promise<T>): Promise<T> => {
    const next = queue.then(run, run);
    queue = next.catch(() => undefined);
    return next;
  };

  const steps = async (speaker: Speaker, signal?: AbortSignal): Promise<readonly BgpStep[]> => {
    const prefixes = new Set([...originated, ...speaker.originated.map((path) => path.prefix)]);
    const scope = { prefixes: [...prefixes], everything: !adopted };
    return planSpeaker(speaker, await observeSpeaker(client, scope, signal));
  };

  /** Looking at everything takes longer than a move of an Edge may. */
  const quickly = async (speaker: Speaker, signal: AbortSignal): Promise<ReconcileResult | undefined> => {
    const plan = known === undefined ? undefined : planPolicyOnly(speaker, known);
    known = undefined;
    if (plan === undefined) return undefined;
    try {
      for (const step of plan)
        await applyStep(client, step, { global: speaker.global, restarted: false, disabled, signal });
    } catch (error) {
      if (error instanceof GobgpError) return undefined; // not what it was: look
      throw error;
    }
    known = speaker;
    return { changed: plan.map(describeStep), restarted: false, verified: false };
  };

  const reconcile = async (speaker: Speaker, signal: AbortSignal): Promise<ReconcileResult> => {
    const quick = await quickly(speaker, signal);
    if (quick !== undefined) return quick;
    const plan = await steps(speaker, signal);
    const restarted = configured && plan[0]?.op === "start";
    for (const path of speaker.originated) originated.add(path.prefix);
    for (const step of plan)
      await applyStep(client, step, { global: speaker.global, restarted, disabled, signal });
    configured = true;
    adopted = true;
    known = speaker;
    return { changed: plan.map(describeStep), restarted, verified: true };
  };

  return {
    reconcile: (speaker, signal) => exclusive(() => reconcile(speaker, signal)).catch(wrap),
    plan: (speaker, signal) =>
      exclusive(() => steps(speaker, signal))
        .then((plan) => plan.map(describeStep))
        .catch(wrap),
    sessions: (signal) => sessions(client, disabled, signal).catch(wrap),
    watch: (onChange, signal) => watch(client, onChange, signal).catch(wrap),
    told: (prefixes, signal) => told(client, prefixes, signal).catch(wrap),
    choices: (addresses, signal) => choices(client, addresses, signal).catch(wrap),
    routesTowards: (neighbour, addresses, signal) =>
      routesTowards(client, neighbour, addresses, signal).catch(wrap),
    setPeerEnabled: (address, enabled, reason) => {
      if (enabled) disabled.delete(address);
      else disabled.set(address, reason);
      return setEnabled(client, address, enabled, reason, exclusive).catch(wrap);
    },
  };
}

interface ApplyContext {
  readonly global: SpeakerGlobal;
  readonly restarted: boolean;
  readonly disabled: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
}

async function applyStep(client: GobgpClient, step: BgpStep, context: ApplyContext): Promise<void> {
  const { signal } = context;
  switch (step.op) {
    case "stop":
      return client.stopBgp(signal);
    case "start":
      return client.startBgp({ ...step.global, listenAddresses: ["::"] }, signal);
    case "delete-neighbour":
      return client.deletePeer(step.neighbour.address, signal);
    case "set-policy":
      return setPolicy(client, step.policy, step.pending, context);
    case "settle":
      return setPolicy(client, step.policy, [], context);
    case "assign-policy":
      await client.setAssignment(
        { direction: "import", policies: [IMPORT_POLICY], defaultAction: "reject" },
        signal,
      );
      return client.setAssignment(
        { direction: "export", policies: [EXPORT_POLICY], defaultAction: "reject" },
        signal,
      );
    case "add-path":
      await client.addPath(toNewPath(step.path), signal);
      return;
    case "delete-path":
      return client.deletePath(toNewPath(step.path), signal);
    case "add-neighbour": {
      const { neighbour } = step;
      const adminDown = context.disabled.has(neighbour.address);
      return client.addPeer(
        { ...toPeerConfig(neighbour), adminDown, localRestarting: context.restarted },
        signal,
      );
    }
    case "refresh":
      return refresh(client, step.address, step.how, context);
  }
}

function setPolicy(
  client: GobgpClient,
  policy: PolicyBase,
  pending: readonly Refresh[],
  { global, signal }: ApplyContext,
): Promise<void> {
  return client.setPolicies(
    {
      definedSets: [...policy.definedSets, markerSet(global), ...pendingSets(pending)],
      policies: [
        { name: IMPORT_POLICY, statements: policy.importStatements },
        { name: EXPORT_POLICY, statements: policy.exportStatements },
      ],
    },
    signal,
  );
}

async function refresh(
  client: GobgpClient,
  address: string,
  how: "in" | "out" | "both" | "bounce",
  context: ApplyContext,
): Promise<void> {
  const { signal } = context;
  if (how !== "bounce") return client.softReset(address, how, signal);
  if (context.disabled.has(address)) return;
  // deleting and adding comes back sooner than ResetPeer, which waits 30 s
  const peer = (await client.listPeers(signal)).find((status) => status.config.address === address);
  if (peer === undefined) return;
  await client.deletePeer(address, signal);
  await client.addPeer(peer.config, signal);
}

/**
 * Closing a session drops its routes only if the neighbour is removed. DisablePeer races with the neighbour's own closing
 * of the connection, which GoBGP 3.10 takes for a graceful restart and keeps the routes of (about one in four); and it
 * keeps them after a hold-timer expiry, whatever `notificationEnabled` says. So: removed, and added again as down.
 */
async function setEnabled(
  client: GobgpClient,
  address: string,
  enabled: boolean,
  reason: string,
  exclusive: (run: () => Promise<void>) => Promise<void>,
): Promise<void> {
  if (enabled) return client.enablePeer(address);
  const peer = (await client.listPeers()).find((status) => status.config.address === address);
  if (peer === undefined) return; // AddPeer will bring it in disabled
  // At once, past any reconcile under way; and then for good.
  if (peer.session === "established") await client.disablePeer(address, reason);
  await exclusive(async () => {
    await client.deletePeer(address);
    await client.addPeer({ ...peer.config, adminDown: true });
  });
}

/** Paths are not asked for: the feed has them, and a full table would come twice. */
async function watch(client: GobgpClient, onChange: () => void, signal: AbortSignal): Promise<void> {
  for await (const _event of client.watch({ best: false, signal })) onChange();
}

/** The global table holds every neighbour's accepted paths, and finds a prefix at once; Adj-RIB-In would be walked. */
async function told(
  client: GobgpClient,
  prefixes: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, Set<string>>();
  const query = { table: "global", prefixes, ...(signal === undefined ? {} : { signal }) } as const;
  for await (const { prefix, from, stale, withdraw, filtered } of client.listPaths(query)) {
    if (from === undefined || stale || withdraw || filtered) continue;
    found.set(prefix, (found.get(prefix) ?? new Set()).add(from));
  }
  return found;
}

/** Before policy, for that changes MED and refuses some: so Adj-RIB-In, which gobgpd copies whole for every question. */
async function routesTowards(
  client: GobgpClient,
  neighbour: string,
  addresses: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly ToldRoute[]> {
  const found = new Map<string, ToldRoute>();
  const base = { table: "adj-in", neighbour, covering: addresses, filtered: true } as const;
  for await (const path of client.listPaths(signal === undefined ? base : { ...base, signal })) {
    if (path.withdraw || path.stale) continue;
    found.set(path.prefix, {
      prefix: path.prefix,
      asPath: path.asPath.flatMap(({ type, asns }) => (type === "sequence" ? asns : [])),
      origin: path.origin,
      ...(path.med === undefined ? {} : { med: path.med }),
      nextHop: path.nextHop,
      communities: [...path.communities, ...path.largeCommunities],
      filtered: path.filtered,
    });
  }
  return [...found.values()].sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
}

/** By prefix. What we originate ourselves is nobody's path. */
async function choices(
  client: GobgpClient,
  addresses: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const base = { table: "global", covering: addresses } as const;
  for await (const { prefix, from, best } of client.listPaths(
    signal === undefined ? base : { ...base, signal },
  ))
    if (best && from !== undefined) found.set(prefix, from);
  return found;
}

async function sessions(
  client: GobgpClient,
  disabled: ReadonlyMap<string, string>,
  signal: AbortSignal | undefined,
): Promise<readonly SessionState[]> {
  const peers = await client.listPeers(signal);
  return peers
    .filter((peer) => peer.config.description !== FEED_NAME)
    .map((peer): SessionState => {
      const limit = peer.admin === "prefix-limit" ? "more prefixes than allowed" : undefined;
      const note = disabled.get(peer.config.address) ?? limit;
      return {
        neighbour: peer.config.description ?? "",
        address: peer.config.address,
        state: peer.session,
        admin: peer.admin,
        received: peer.received,
        accepted: peer.accepted,
        upSince: peer.upSince,
        ...(note === undefined ? {} : { note }),
      };
    })
    .sort((a, b) => (a.neighbour < b.neighbour ? -1 : 1));
}
