import { formatTrace } from "@vsix/shared/paths/show-trace.ts";
import type { Trace } from "@vsix/shared/paths/trace.ts";
import type { NotifyTestAnswer, PathsAnswer } from "../http/routes-watch.ts";
import type {
  PathDetail,
  PathEventView,
  PathView,
  ReceiverView,
  SightingView,
} from "../status/path-model.ts";
import { paint, paintPlane } from "./output.ts";
import { formatTable } from "./table.ts";

const LEVEL_STYLE = { alarm: "red", warning: "yellow", notice: "blue", fine: "green" } as const;

export function showPaths({ paths, silences }: PathsAnswer): string {
  if (paths.length === 0)
    return "no path is watched: `vsixctl path apply FILE` says what to expect, `vsixctl path learn` writes a first file";
  const table = formatTable(
    ["FROM", "TO", "PLANES", "SINCE", "STATE"],
    paths.map((path) => [
      path.source,
      path.target,
      planesText(path.current?.planes ?? []),
      path.since ?? "-",
      `${stateText(path)}${remarks(path)}`,
    ]),
  );
  const quiet = silences.map(
    ({ source, target, by, until, note }) =>
      `silenced until ${until} by ${by}: ${source} to ${target}${note === "" ? "" : ` (${note})`}`,
  );
  return [table, ...(quiet.length === 0 ? [] : ["", ...quiet])].join("\n");
}

export function showPath(path: PathDetail): string {
  const { source, target, address, since, trace, before } = path;
  const lines = [
    `${paint("bold", `${source} to ${target}`)} (${address}): ${stateText(path)}${remarks(path)}`,
    `  by ${planesText(path.current?.planes ?? [])}, since ${since ?? "the beginning"}, looked at ${path.lookedAt ?? "never"}`,
  ];
  if (before !== null)
    lines.push("", paint("bold", `what was told at ${before.at}: ${before.words}`), tableOf(before.trace));
  lines.push("", paint("bold", "now"), trace === null ? "no trace has come yet" : tableOf(trace));
  return lines.join("\n");
}

export function showPathEvents(events: readonly PathEventView[]): string {
  if (events.length === 0) return "nothing has been seen of any path yet";
  return events.map(pathEventLine).join("\n");
}

export function pathEventLine({
  at,
  kind,
  level,
  source,
  target,
  withheld,
  before,
  after,
  likely,
}: PathEventView): string {
  const way = before === null ? planesText(after.planes) : wayText(before, after);
  const told = withheld === null ? "" : paint("dim", ` (not told: ${withheld})`);
  const cause = likely === null ? "" : `; ${likely}`;
  return `${at}  ${paint(LEVEL_STYLE[level], kind)}  ${source} to ${target}, ${way}: ${after.words}${cause}${told}`;
}

export function showReceivers(receivers: readonly ReceiverView[]): string {
  if (receivers.length === 0)
    return "nobody is told anything: `notify` in the controller's configuration names a file of receivers";
  return formatTable(
    ["RECEIVER", "FORMAT", "HEARTBEAT", "WAITING", "SENT", "FAILED", "DROPPED", "LAST"],
    receivers.map(({ name, format, heartbeatS, waiting, sent, failed, dropped, last }) => [
      name,
      format,
      heartbeatS === null ? "none" : `${heartbeatS} s`,
      ...[waiting, sent, failed, dropped].map(String),
      last === null ? "nothing yet" : `${last.outcome} (${last.code}) ${last.at}`,
    ]),
  );
}

export function showNotifyTest({ results }: NotifyTestAnswer): string {
  return results
    .map(({ name, outcome, code }) =>
      outcome === "sent"
        ? `${name}: ${paint("green", "arrived")}`
        : `${name}: ${paint("red", outcome === "waiting" ? "has not arrived yet" : outcome)} (${code})`,
    )
    .join("\n");
}

function stateText({ current }: PathView): string {
  return current === null ? "not seen often enough yet" : paint(LEVEL_STYLE[current.level], current.words);
}

function remarks({ acknowledged, silenced, flapping }: PathView): string {
  const all = [
    ...(flapping ? ["flapping"] : []),
    ...(acknowledged === null ? [] : [`${acknowledged.by} looks after it`]),
    ...(silenced === null ? [] : [`silenced until ${silenced.until} by ${silenced.by}`]),
  ];
  return all.length === 0 ? "" : `; ${all.join("; ")}`;
}

function planesText(planes: readonly string[]): string {
  return planes.length === 0 ? "-" : planes.map(paintPlane).join(" and ");
}

function wayText(before: SightingView, after: SightingView): string {
  const [from, to] = [planesText(before.planes), planesText(after.planes)];
  return from === to ? `by ${to}` : `${from} -> ${to}`;
}

function tableOf(trace: PathDetail["trace"]): string {
  return trace === null ? "no trace was kept" : formatTrace(trace as Trace).trimEnd();
}
