import { parseAddress } from "@vsix/shared/net/address.ts";
import { containsAddress, parsePrefix } from "@vsix/shared/net/prefix.ts";
import { type Decision, type ToldDecision, tellAll } from "../core/epe/decision.ts";
import type { EpeMode } from "../core/epe/in-force.ts";
import { rowKey } from "../core/epe/memory.ts";
import { type ProberFigures, proberFigures } from "../core/epe/probers.ts";
import { explain, ruleWords } from "../core/epe/words.ts";
import { epeMode } from "../desired/epe-in-force.ts";
import type { Context } from "../operations/context.ts";
import { unableNodes } from "../operations/epe.ts";
import { isAboutOverrides } from "./alarms.ts";
import type { EpeEventBody } from "./events.ts";
import { findDestination } from "./find-destination.ts";

/** What operators ask of egress peer engineering; plain values, in words where people read them. */

export interface EpePeerView {
  readonly peer: string;
  readonly established: boolean | null;
  /** `peer`, `lookup`, `none`; null: not told. */
  readonly sid: string | null;
  readonly mbps: number | null;
  readonly afterMbps: number | null;
  readonly capacityMbps: number | null;
  /** Overrides that lead to it. */
  readonly overrides: number;
}

export interface EpeStatus {
  readonly mode: EpeMode;
  readonly policy: boolean;
  readonly destinations: number;
  readonly refused: readonly {
    readonly source: string;
    readonly why: string;
    readonly count: number;
    readonly example: string;
  }[];
  readonly sources: readonly {
    readonly name: string;
    readonly count: number | null;
    readonly fault: string | null;
  }[];
  readonly cycleS: number | null;
  readonly decidedAgoMs: number | null;
  readonly decidedInMs: number | null;
  readonly overrides: number;
  readonly wanted: number;
  readonly peers: readonly EpePeerView[];
  readonly measuring: readonly {
    readonly node: string;
    readonly cycles: number;
    readonly agoMs: number | null;
  }[];
  readonly accounts: {
    readonly moves: number;
    readonly kept: number;
    readonly takenBack: number;
    readonly reverted: number;
    readonly worsePercent: number | null;
    readonly meanGainMs: number | null;
  };
  /** What an operator should look at. */
  readonly alarms: readonly string[];
}

export async function epeStatus(context: Context): Promise<EpeStatus> {
  const { desired, epe: runner, store, clock } = context;
  const mode = await epeMode(store.read);
  const nowMs = clock.monotonicMs();
  const { fabric, epe } = desired.inForce ?? {};
  const policy = fabric?.epe;
  const { last } = runner;
  const view = runner.evidence?.view(new Set(), nowMs);
  const overrides = epe?.overrides ?? [];
  const accounts = last?.outcome.memory.accounts;
  return {
    mode,
    policy: policy !== undefined,
    destinations: epe?.destinations.length ?? 0,
    refused: mode === "off" ? [] : (runner.plan?.refused ?? []),
    sources: runner.sources
      .states()
      .map(({ name, count, fault }) => ({ name, count: count ?? null, fault: fault ?? null })),
    cycleS: policy?.measure.cycleS ?? null,
    decidedAgoMs: last === undefined ? null : Math.round(nowMs - last.atMs),
    decidedInMs: last === undefined ? null : Math.round(last.tookMs * 10) / 10,
    overrides: overrides.length,
    wanted:
      last?.outcome.decisions.filter(({ peer, action }) => peer !== undefined && action !== "revert")
        .length ?? 0,
    peers: (policy?.peers ?? []).map(({ name, capacityMbps }) => {
      const fact = view?.peer(name);
      const load = last?.outcome.loads.find(({ peer }) => peer === name);
      return {
        peer: name,
        established: fact?.established ?? null,
        sid: fact?.sid ?? null,
        mbps: load?.mbps ?? null,
        afterMbps: load?.afterMbps ?? null,
        capacityMbps: capacityMbps ?? null,
        overrides: overrides.filter(({ peer }) => peer === name).length,
      };
    }),
    measuring:
      mode === "off"
        ? []
        : (policy?.measure.from ?? []).map((node) => {
            const cycles = view?.cycles(node)?.cycles ?? [];
            const beganMs = cycles[0]?.beganMs;
            return {
              node,
              cycles: cycles.length,
              agoMs: beganMs === undefined ? null : Math.round(nowMs - beganMs),
            };
          }),
    accounts: {
      moves: accounts?.moves ?? 0,
      kept: accounts?.kept ?? 0,
      takenBack: accounts?.takenBack ?? 0,
      reverted: accounts?.reverted ?? 0,
      worsePercent:
        accounts === undefined || accounts.cycles === 0
          ? null
          : (100 * accounts.worseCycles) / accounts.cycles,
      meanGainMs:
        accounts === undefined || accounts.cycles === 0 ? null : accounts.wonMsCycles / accounts.cycles,
    },
    alarms: alarmsOf(context, mode),
  };
}

function alarmsOf(context: Context, mode: EpeMode): readonly string[] {
  const { desired, epe: runner, fleet } = context;
  const { fabric } = desired.inForce ?? {};
  if (fabric === undefined || mode === "off") return [];
  const conditions = fabric.nodes.flatMap(({ name }) =>
    (fleet.node(name).report?.value.conditions ?? [])
      .filter(({ object }) => isAboutOverrides(object))
      .map(
        ({ object, state, reason }) => `${name}: ${object}: ${reason}${state === "error" ? " (error)" : ""}`,
      ),
  );
  const unable = mode === "enforce" ? unableNodes(context, fabric) : [];
  return [
    ...(fabric.epe === undefined
      ? ["the fabric file has no section `epe` any more: nothing is measured or moved"]
      : []),
    ...(runner.fault === undefined ? [] : [runner.fault]),
    ...unable.map((node) => `${node} has not said that it can take overrides`),
    ...conditions.slice(0, 100),
  ];
}

export interface DestinationView {
  readonly prefix: string;
  readonly node: string;
  readonly className: string;
  readonly action: Decision["action"];
  readonly rule: string;
  readonly words: string;
  readonly peer: string | null;
  readonly bgp: string | null;
  readonly gainMs: number | null;
  readonly rttMs: number | null;
  /** Node whose measurements it was decided by. */
  readonly vantage: string | null;
  /** What Edges send there at this router; null: not counted. */
  readonly mbps: number | null;
}

/** The newest decision about every destination: what gains most first. */
export function epeDestinations({ epe: runner }: Context, limit: number): readonly DestinationView[] {
  const decisions = runner.last?.outcome.decisions ?? [];
  const gainOf = (decision: Decision): number =>
    decision.comparison?.gainMs ??
    Math.max(Number.NEGATIVE_INFINITY, ...decision.comparisons.flatMap((one) => one?.gainMs ?? []));
  return [...decisions]
    .map((decision) => ({ decision, gain: gainOf(decision) }))
    .sort((a, b) => b.gain - a.gain)
    .slice(0, limit)
    .map(({ decision, gain }) => {
      const { prefix, node, className, action, rule, peer, bgp, vantage } = decision;
      const used = decision.peers().find((one) => one.peer === (peer ?? bgp));
      return {
        ...{ prefix, node, className, action, rule },
        words: ruleWords(rule),
        peer: peer ?? null,
        bgp: bgp ?? null,
        gainMs: Number.isFinite(gain) ? gain : null,
        rttMs: used?.rttMs ?? null,
        vantage: vantage ?? null,
        mbps: runner.last?.demand.get(rowKey(node, className, prefix)) ?? null,
      };
    });
}

export interface EpeExplanation {
  readonly destination: string;
  readonly prefix: string;
  readonly mode: EpeMode;
  readonly decidedAgoMs: number;
  readonly decisions: readonly {
    readonly decision: ToldDecision;
    readonly words: readonly string[];
    /** What Edges send there at this router; null: not counted. */
    readonly mbps: number | null;
  }[];
  /** What every node measures of it just now, those too that no decision counts on. */
  readonly probers: readonly ProberFigures[];
}

/** Everything that was said of the destination that covers an address or prefix. Throws `unknown-destination`. */
export async function explainEpe(context: Context, destination: string): Promise<EpeExplanation> {
  const { epe: runner, store, clock, desired } = context;
  const nowMs = clock.monotonicMs();
  const { last, found } = findDestination(context, destination);
  const decisions = last.outcome.decisions.filter(({ prefix }) => prefix === found.prefix);
  return {
    destination,
    prefix: found.prefix,
    mode: await epeMode(store.read),
    decidedAgoMs: Math.round(nowMs - last.atMs),
    decisions: decisions.map((decision) => {
      const mbps = last.demand.get(rowKey(decision.node, decision.className, decision.prefix)) ?? null;
      const traffic = mbps === null ? "traffic not counted" : `carries ${mbps.toFixed(2)} Mbit/s`;
      const words = [...explain(decision, last.policy.fullSize), `  ${traffic}`];
      return { decision: tellAll(decision), words, mbps };
    }),
    probers: proberFigures({
      from: desired.inForce?.fabric.epe?.measure.from ?? [],
      peers: last.policy.peers.map(({ name }) => name),
      address: found.address,
      decisions,
      evidence: runner.evidence?.view(new Set(), nowMs),
      numbers: last.policy.numbers,
      nowMs,
    }),
  };
}

export interface EpeEventView {
  readonly id: number;
  readonly at: string;
  readonly prefix: string;
  readonly body: EpeEventBody;
}

/** Newest first. `of`: an address or prefix that they are about. */
export async function epeHistory(
  { store }: Context,
  limit: number,
  of?: string,
): Promise<readonly EpeEventView[]> {
  const rows = await store.read.epeEvents(of === undefined ? limit : 20_000);
  const address = of === undefined ? undefined : (parseAddress(of) ?? parsePrefix(of)?.address);
  return rows
    .filter(({ prefix }) => {
      if (address === undefined) return of === undefined;
      const parsed = parsePrefix(prefix);
      return parsed !== undefined && containsAddress(parsed, address);
    })
    .slice(0, limit)
    .map(({ id, at, prefix, body }) => ({ id, at, prefix, body: JSON.parse(body) as EpeEventBody }));
}
