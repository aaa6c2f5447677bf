import { styleText } from "node:util";
import type { Level, Verdict } from "@vsix/shared/paths/verdict.ts";
import type { PathEvent, Sighting } from "@vsix/shared/paths/watch-state.ts";
import { stripped } from "@vsix/shared/paths/words.ts";
import type { ListedPath } from "./orders.ts";

/** What people read. Everything that came over a network is stripped before (words.ts), or here. */

export type Paint = (style: "red" | "yellow" | "blue" | "green" | "dim" | "bold", text: string) => string;

/** Where nobody looks at colours. */
export const plain: Paint = (_, text) => text;
/** Only where standard output is a terminal and NO_COLOR is not set: styleText looks by itself. */
export const painted: Paint = (style, text) => styleText(style, text);

const STYLES = { alarm: "red", warning: "yellow", notice: "blue", fine: "green" } as const;
const MAX_WORDS = 400;

/** UTC, to the second. */
export function timeText(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19)}Z`;
}

/** One transition on one line. */
export function eventLine(event: PathEvent, paint: Paint): string {
  const { type, level, source, target, before, after, withheld, lastedMs, acknowledged } = event;
  const word = type === "recovered" ? "recovered" : type === "plane-moved" ? "moved" : level;
  const style = type === "recovered" ? "green" : STYLES[level];
  const more = [
    ...(type === "flapping" ? ["flaps: no more is told until it has been quiet"] : []),
    ...(type === "settled" ? ["flapped, and is quiet now"] : []),
    ...(lastedMs === undefined ? [] : [`after ${durationText(lastedMs)}`]),
    ...(acknowledged === undefined ? [] : [`${acknowledged.by} looks after it`]),
    ...(withheld === undefined || withheld === "minor" ? [] : [`not told: ${withheld}`]),
  ];
  const remark = more.length === 0 ? "" : paint("dim", ` (${stripped(more.join("; "), MAX_WORDS)})`);
  const words = stripped(after.words, MAX_WORDS);
  return `${timeText(event.at)}  ${paint(style, word.padEnd(9))}  ${source} to ${target}${wayText(before, after)}: ${words}${remark}`;
}

/** One path as one look saw it. */
export function verdictLine(source: string, target: string, verdict: Verdict, level: Level, paint: Paint) {
  const figures = figuresText(verdict);
  return `${paint(STYLES[level], level.padEnd(9))}  ${source} to ${target}${planesText(verdict.planes)}: ${stripped(verdict.words, MAX_WORDS)}${figures === "" ? "" : `; ${figures}`}`;
}

/** All paths, those that are wrong first; no more than `rows` lines of at most `columns` characters. */
export function tableLines(
  paths: readonly ListedPath[],
  at: number,
  rows: number,
  columns: number,
  paint: Paint,
): readonly string[] {
  const sorted = [...paths].sort((a, b) => rankOf(a) - rankOf(b));
  const fit = Math.max(1, rows - 2);
  const shown = sorted.slice(0, fit);
  const width = Math.max(2, ...shown.map(({ state }) => state.target.length));
  const line = (to: string, since: string, plane: string, loss: string, rtt: string, state: string): string =>
    `${to.padEnd(width)}  ${since.padStart(6)}  ${plane.padEnd(8)}  ${loss.padStart(5)}  ${rtt.padStart(8)}  ${state}`.slice(
      0,
      columns,
    );
  const lines = shown.map((status) => {
    const { state, last } = status;
    const since = state.since === undefined ? "-" : durationText(at - state.since);
    const { lossPercent, rttUs } = last?.verdict ?? {};
    const text = line(
      state.target,
      since,
      (last?.verdict.planes ?? []).join(",") || "-",
      lossPercent === undefined ? "-" : `${lossPercent.toFixed(0)} %`,
      rttUs === undefined ? "-" : `${(rttUs / 1000).toFixed(1)} ms`,
      stripped(stateText(status), columns),
    );
    return state.current === undefined ? text : paint(STYLES[state.current.level], text);
  });
  const rest = sorted.length - shown.length;
  return [
    paint("bold", line("TO", "SINCE", "PLANE", "LOSS", "RTT", "STATE").trimEnd()),
    ...lines,
    ...(rest > 0 ? [paint("dim", `and ${rest} more`)] : []),
  ];
}

/** What is so, and who knows. */
export function stateText({ state }: ListedPath): string {
  const { current, flapping, acknowledged, silence } = state;
  return [
    current === undefined ? "not seen often enough yet" : current.words,
    ...(flapping ? ["flapping"] : []),
    ...(acknowledged === undefined ? [] : [`${acknowledged.by} looks after it`]),
    ...(silence === undefined ? [] : [`silenced until ${timeText(silence.until)} by ${silence.by}`]),
  ].join("; ");
}

export function durationText(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 120) return `${s} s`;
  return s < 7200
    ? `${Math.round(s / 60)} min`
    : s < 172_800
      ? `${Math.round(s / 3600)} h`
      : `${Math.round(s / 86_400)} d`;
}

function figuresText({ lossPercent, rttUs }: Verdict): string {
  return [
    ...(lossPercent === undefined ? [] : [`${lossPercent.toFixed(0)} % lost`]),
    ...(rttUs === undefined ? [] : [`${(rttUs / 1000).toFixed(1)} ms`]),
  ].join(", ");
}

const RANKS: readonly (Level | undefined)[] = ["alarm", "warning", "notice", undefined, "fine"];

function rankOf({ state }: ListedPath): number {
  return RANKS.indexOf(state.current?.level);
}

function wayText(before: Sighting | undefined, after: Sighting): string {
  const [from, to] = [before?.planes.join(" and ") ?? "", after.planes.join(" and ")];
  if (from === to || before === undefined) return planesText(after.planes);
  return `, ${from === "" ? "?" : from} -> ${to === "" ? "?" : to}`;
}

function planesText(planes: readonly string[]): string {
  return planes.length === 0 ? "" : `, ${planes.join(" and ")}`;
}
