import { TYPE } from "@vsix/shared/dns/model.ts";
import { findNode } from "@vsix/shared/fabric/query.ts";
import type { PathEvent } from "@vsix/shared/paths/watch-state.ts";
import { timestamp } from "../clock.ts";
import type {
  EventReport,
  PrefixSum,
  ReportAccess,
  ReportDns,
  ReportHealth,
  ReportName,
} from "../core/report/model.ts";
import type { OutcomesAnswer } from "../dns/questions.ts";
import { addUp, type Tally } from "../dns/tallies.ts";
import type { EpeEventBody } from "../epe/events.ts";
import { healthTroubles } from "../health/view.ts";
import type { Context } from "../operations/context.ts";
import { readState } from "../operations/rollout-view.ts";
import type { PrefixMoment } from "../store/report-access-reader.ts";
import type { PathEventTable } from "../store/schema.ts";

export interface ReportSpan {
  readonly fromMs: number;
  /** Exclusive. */
  readonly untilMs: number;
  readonly event: string | null;
}

/** Names in each list, and incidents that are told one by one. */
const NAMES = 30;
const NEWEST = 50;
const TOLD: ReadonlySet<PathEvent["type"]> = new Set(["changed", "recovered", "plane-moved", "flapping"]);

/** Everything that is known of a span of time. Throws what the stores throw. */
export async function collectReport(context: Context, span: ReportSpan): Promise<EventReport> {
  const { store, desired, clock } = context;
  const { fromMs, untilMs, event } = span;
  const [from, until] = [timestamp(fromMs), timestamp(untilMs)];
  const fabric = desired.inForce?.fabric;
  const paths = await store.read.report.pathEvents(from, until);
  return {
    event,
    fromMs,
    untilMs,
    madeMs: clock.wallMs(),
    network: {
      nodes: fabric?.nodes.length ?? 0,
      edges: desired.inForce?.steering.size ?? 0,
      planes: fabric?.planes.map(({ name }) => name) ?? [],
      revision: desired.inForce?.revision ?? null,
    },
    dns: await dnsOf(context, span),
    access: await accessOf(context, from, until),
    health: await healthOf(context, span),
    incidents: incidentsOf(paths),
    rollouts: (await store.read.report.rollouts(from, until)).flatMap((row) => {
      const state = readState(row);
      if (state === undefined) return [];
      const { id, from: old, to, stage, members, why } = state;
      const times = { createdAt: row.created_at, endedAt: row.ended_at };
      return [{ id, from: old, to, stage, edges: members.length, why: why ?? null, ...times }];
    }),
    epe: await epeOf(context, from, until),
    changes: await store.read.report.changes(from, until),
  };
}

async function dnsOf({ dns }: Context, { fromMs, untilMs }: ReportSpan): Promise<ReportDns | null> {
  const where = { fromMs, untilMs };
  const answer = await dns.ask("outcomes", { where });
  if (answer === undefined) return null;
  const { total, series, stepS, points, source } = answer;
  if ((total["client.pairs"] ?? 0) + (total["authority.pairs"] ?? 0) === 0) return null;
  const names = async (by: "ipv4" | "ready"): Promise<readonly ReportName[]> => {
    const top = await dns.ask("top", { where, kind: "name", by, limit: NAMES });
    return (top?.rows ?? []).map(({ key, tally }) => nameOf(key, tally));
  };
  const { a, aaaa, https, questions } = countsOf(total);
  const outcome = (name: string): number => total[`client.outcome.${name}`] ?? 0;
  const [native, translated] = [outcome("native"), outcome("translated")];
  return {
    questions,
    a,
    aaaa,
    https,
    other: questions - a - aaaa - https,
    byResolvers: total["authority.pairs"] ?? 0,
    outcomes: {
      native,
      translated,
      nodata: outcome("nodata"),
      nxdomain: outcome("nxdomain"),
      servfail: outcome("servfail"),
      unanswered: outcome("unanswered"),
      other: outcome("other"),
    },
    translatedShare: native + translated === 0 ? null : translated / (native + translated),
    stepS,
    series: series.map(({ startMs, tally }) => ({
      startMs,
      a: countsOf(tally).a,
      aaaa: countsOf(tally).aaaa,
      https: countsOf(tally).https,
      native: tally["client.outcome.native"] ?? 0,
      translated: tally["client.outcome.translated"] ?? 0,
    })),
    withoutAaaa: await names("ipv4"),
    ready: await names("ready"),
    points: Object.entries(points).map(([point, tally]) => ({
      point,
      pairs: (tally["client.pairs"] ?? 0) + (tally["authority.pairs"] ?? 0),
    })),
    capture: captureOf(answer),
    source,
  };
}

function captureOf({ capture, gaps }: OutcomesAnswer): ReportDns["capture"] {
  const sum = Object.values(capture).reduce<Tally>((all, tally) => addUp(all, tally), {});
  const packets = sum["packets"] ?? null;
  const told = packets !== null;
  const dropped = told ? (sum["kernelDrops"] ?? 0) : null;
  const seen = (packets ?? 0) + (dropped ?? 0);
  return {
    packets,
    dropped,
    dropRate: dropped === null || seen === 0 ? null : dropped / seen,
    lostPairs: sum["missingPairs"] ?? 0,
    gaps,
  };
}

function countsOf(tally: Tally) {
  const of = (type: number): number => tally[`client.type.${type}`] ?? 0;
  return { questions: tally["client.pairs"] ?? 0, a: of(TYPE.A), aaaa: of(TYPE.AAAA), https: of(TYPE.HTTPS) };
}

function nameOf(name: string, tally: Tally): ReportName {
  const { a = 0, aaaa = 0, native = 0, translated = 0, nodata = 0 } = tally;
  return { name, a, aaaa, native, translated, nodata };
}

async function accessOf({ store }: Context, from: string, until: string): Promise<ReportAccess | null> {
  const { access } = store.read.report;
  const accounts = await access.accounts(from, until);
  if (accounts.ever === 0) return null;
  const { all, fresh, removed } = accounts;
  const sums = new Map<string, Record<PrefixMoment, PrefixSum>>();
  for (const { service, moment, length, count } of await access.prefixes(from, until)) {
    const none = { count: 0, equivalents64: 0 };
    const row = sums.get(service) ?? { issued: none, active: none, revoked: none };
    const { count: before, equivalents64 } = row[moment];
    const more = length > 64 ? 0 : count * 2 ** (64 - length);
    sums.set(service, { ...row, [moment]: { count: before + count, equivalents64: equivalents64 + more } });
  }
  const peaks = await access.peaks(from, until);
  return {
    accounts: { all, fresh, removed },
    applications: await access.applications(from, until),
    prefixes: [...sums].map(([service, row]) => ({ service, ...row })),
    peakTunnels: peaks.tunnels,
    peakPeers: peaks.peers,
  };
}

async function healthOf({ store, health, desired }: Context, span: ReportSpan): Promise<ReportHealth | null> {
  await health.flush();
  const fabric = desired.inForce?.fabric;
  // A node that no longer looks has looked then.
  const siteOf = (node: string): string | undefined =>
    health.siteOf(node) ?? (fabric === undefined ? undefined : findNode(fabric, node)?.site);
  const troubles = await healthTroubles(store, siteOf, span.fromMs, span.untilMs);
  return troubles.runs === 0 ? null : troubles;
}

function incidentsOf(rows: readonly PathEventTable[]): EventReport["incidents"] {
  const counts: Record<string, number> = {};
  const newest: { at: string; what: string; level: string }[] = [];
  for (const { at, source, target, body } of rows) {
    const { type, level, after } = JSON.parse(body) as PathEvent;
    if (!TOLD.has(type)) continue;
    counts[type] = (counts[type] ?? 0) + 1;
    if (newest.length < NEWEST)
      newest.push({ at, level, what: `${source} to ${target}: ${type}, ${after.words}` });
  }
  return { counts, newest };
}

async function epeOf({ store }: Context, from: string, until: string): Promise<EventReport["epe"]> {
  const rows = await store.read.report.epeEvents(from, until);
  const events = rows.map(({ at, prefix, body }) => ({ at, prefix, body: JSON.parse(body) as EpeEventBody }));
  if (events.every(({ body }) => body.kind === "destinations")) return null;
  const moves = events.filter(({ body }) => body.kind === "move");
  const done = moves.filter(({ body }) => body.kind === "move" && body.done).length;
  return {
    moves: done,
    onlyObserved: moves.length - done,
    takenBack: events.filter(({ body }) => body.kind === "revert" && body.done).length,
    badPaths: events.filter(({ body }) => body.kind === "bad-path").length,
    newest: events
      .flatMap(({ at, prefix, body }) =>
        body.kind === "move" || body.kind === "revert"
          ? [{ at, level: body.kind, what: `${prefix} at ${body.node}: ${body.words[0] ?? body.rule}` }]
          : [],
      )
      .slice(0, NEWEST),
  };
}
