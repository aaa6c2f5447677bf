import { AAAA_OUTCOMES, TYPE } from "@vsix/shared/dns/model.ts";
import type { DnsGap } from "../dns/messages.ts";
import type { OutcomesAnswer, PairView, TopAnswer } from "../dns/questions.ts";
import type { Tally } from "../dns/tallies.ts";
import type { DnsStatusAnswer } from "../http/schemas-dns.ts";
import { paint } from "./output.ts";
import { formatTable } from "./table.ts";

const TYPE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(TYPE).map(([name, number]) => [number, name]),
);

/** The number of a type by its name, or by TYPE and number (RFC 3597); undefined where it is none. */
export function typeNumber(text: string): number | undefined {
  const upper = text.toUpperCase();
  const known = [...TYPE_NAMES].find(([, name]) => name === upper)?.[0];
  if (known !== undefined) return known;
  const digits = /^(?:TYPE)?([0-9]{1,5})$/.exec(upper)?.[1];
  return digits === undefined || Number(digits) > 65_535 ? undefined : Number(digits);
}

export function typeWord(type: number | string): string {
  const number = Number(type);
  return Number.isNaN(number) ? String(type) : (TYPE_NAMES.get(number) ?? `TYPE${number}`);
}

export function showDnsStatus(status: DnsStatusAnswer): string {
  if (!status.captured) return "no node has told of any captured DNS";
  const { pairs, segments, octets, oldestMs, newestMs, missingPairs, missingBatches, uncountedMinutes } =
    status;
  return [
    `${pairs} pairs in ${segments} segments, ${(octets / 1e6).toFixed(1)} MB${pairs === 0 ? "" : `, ${(octets / pairs).toFixed(1)} octets a pair`}`,
    ...(oldestMs === null || newestMs === null ? [] : [`from ${time(oldestMs)} to ${time(newestMs)}`]),
    missingPairs === 0
      ? "nothing was lost on the way here"
      : paint("red", `${missingPairs} pairs were captured and lost on the way, ${missingBatches} batches`),
    ...status.gaps.map((gap) => paint("yellow", gapWords(gap))),
    ...(uncountedMinutes === 0 ? [] : [`${uncountedMinutes} minutes are still to be counted`]),
    `since the start: ${status.sinceStart.stored} batches stored, ${status.sinceStart.duplicate} came twice, ${status.sinceStart.refused} refused`,
  ].join("\n");
}

function gapWords({ node, fromMs, toMs }: DnsGap): string {
  return `${node} captured nothing from ${time(fromMs)} to ${time(toMs)}: what passed then is not counted`;
}

export function showOutcomes({ total, points, capture, gaps, source }: OutcomesAnswer): string {
  const pairs = total["client.pairs"] ?? 0;
  if (pairs === 0 && Object.keys(capture).length === 0) return "nothing was captured in this time";
  const types = Object.entries(total)
    .flatMap(([name, count]) => {
      const type = /^client\.type\.(.+)$/.exec(name)?.[1];
      return type === undefined ? [] : [[typeWord(type), count] as const];
    })
    .sort((a, b) => b[1] - a[1]);
  const aaaa = total[`client.type.${TYPE.AAAA}`] ?? 0;
  const outcomes = AAAA_OUTCOMES.filter((name) => name !== "none");
  return [
    `${pairs} questions of users (from ${source}), ${total["authority.pairs"] ?? 0} of resolvers to authoritative servers`,
    `${total["joined"] ?? 0} joined from halves, ${total["duplicates"] ?? 0} seen at two points and counted once`,
    "",
    formatTable(
      ["TYPE", "QUESTIONS", "SHARE"],
      types.map(([name, count]) => [name, String(count), share(count, pairs)]),
    ),
    "",
    formatTable(
      ["AAAA", "QUESTIONS", "SHARE"],
      outcomes.map((name) => {
        const count = total[`client.outcome.${name}`] ?? 0;
        return [name, String(count), share(count, aaaa)];
      }),
    ),
    ...section(
      ["CAPTURE POINT", "PAIRS", "QUERY ONLY", "RESPONSE ONLY", "TRANSLATED"],
      Object.entries(points).map(([point, tally]) => [
        point,
        String(both(tally, "pairs")),
        String(both(tally, "query")),
        String(both(tally, "response")),
        share(tally["client.outcome.translated"] ?? 0, tally[`client.type.${TYPE.AAAA}`] ?? 0),
      ]),
    ),
    ...section(
      ["AGENT", "STORED", "LOST ON THE WAY", "COUNTED THERE"],
      Object.entries(capture).map(
        ([node, { storedPairs = 0, missingPairs = 0, missingBatches, batches, ...rest }]) => [
          node,
          `${storedPairs} in ${batches ?? 0}`,
          missingPairs === 0 ? "0" : paint("red", `${missingPairs} in ${missingBatches ?? 0}`),
          Object.entries(rest)
            .filter(([, count]) => count > 0)
            .map(([name, count]) => `${name} ${count}`)
            .join(", "),
        ],
      ),
    ),
    ...(gaps.length === 0 ? [] : ["", ...gaps.map((gap) => paint("yellow", gapWords(gap)))]),
  ].join("\n");
}

export function showTop(answer: TopAnswer, what: "NAME" | "CLIENT", by: string): string {
  const { rows, keys, source, inexact, scanned } = answer;
  if (rows.length === 0) return "nothing of that was captured in this time";
  return [
    formatTable(
      [what, "ALL", "A", "AAAA", "HTTPS", "NATIVE", "TRANSLATED", "NODATA", "NXDOMAIN", "UNANSWERED"],
      rows.map(({ key, tally }) => [
        key,
        ...(
          ["pairs", "a", "aaaa", "https", "native", "translated", "nodata", "nxdomain", "unanswered"] as const
        ).map((name) => String(tally[name] ?? 0)),
      ]),
    ),
    "",
    `${keys} ${what === "NAME" ? "names" : "clients"}${by === "all" ? "" : ` (${by})`} in all, from ${source === "pairs" ? `${scanned.rows} pairs in ${scanned.tookMs.toFixed(0)} ms` : `what is kept of ${source}`}${inexact ? "; counts at the bottom may be too low" : ""}`,
  ].join("\n");
}

export function showClient(client: string, { total, names }: { total: Tally; names: TopAnswer }): string {
  const aaaa = total[`client.type.${TYPE.AAAA}`] ?? 0;
  return [
    `${client}: ${total["client.pairs"] ?? 0} questions, ${total[`client.type.${TYPE.A}`] ?? 0} for A, ${aaaa} for AAAA, of which ${share(total["client.outcome.translated"] ?? 0, aaaa)} translated`,
    "",
    showTop(names, "NAME", "all"),
  ].join("\n");
}

export function showPairs(pairs: readonly PairView[], withHead: boolean): string {
  const text = formatTable(
    ["AT", "WHERE", "CLIENT", "NAME", "TYPE", "OUTCOME", "RTT", "ANSWERS"],
    pairs.map((pair) => [
      time(pair.timeMs),
      `${pair.node}/${pair.point}`,
      pair.client,
      pair.name,
      typeWord(pair.type),
      `${pair.half === "whole" ? "" : `${pair.half} only `}${pair.outcome === "none" ? `rcode ${pair.rcode ?? "-"}` : pair.outcome}${pair.duplicate ? " (seen elsewhere)" : ""}`,
      pair.latencyUs === null ? "-" : `${(pair.latencyUs / 1000).toFixed(1)} ms`,
      pair.answers.join(", "),
    ]),
  );
  return withHead ? text : text.split("\n").slice(1).join("\n");
}

function section(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : ["", formatTable(head, rows)];
}

function both(tally: Tally, what: string): number {
  return (tally[`client.${what}`] ?? 0) + (tally[`authority.${what}`] ?? 0);
}

function share(count: number, of: number): string {
  return of === 0 ? "-" : `${((100 * count) / of).toFixed(1)} %`;
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
