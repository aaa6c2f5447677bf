import type { Trace } from "../paths/trace.ts";
import type { PathEvent, Sighting } from "../paths/watch-state.ts";
import { stripped } from "../paths/words.ts";
import type { EpeEvent, EpeEventType } from "./epe-event.ts";
import type { HealthEvent } from "./health-event.ts";
import type { Notice } from "./notice.ts";
import type { RolloutEvent, RolloutEventType } from "./rollout-event.ts";

/** Bodies of webhooks. Everything that came over a network is shortened, stripped and escaped. */

/** The generic webhook: the notice, and how many before it were dropped for this receiver. */
export function jsonBody(notice: Notice, droppedBefore: number): string {
  return JSON.stringify({ version: 1, droppedBefore, ...notice });
}

/** A Slack-compatible incoming webhook. */
export function slackBody(notice: Notice, droppedBefore: number): string {
  const lost = droppedBefore === 0 ? "" : `\n(${droppedBefore} notices before this one were dropped)`;
  return JSON.stringify({ text: `${slackText(notice)}${lost}`, unfurl_links: false, unfurl_media: false });
}

const MAX_WORDS = 600;
const MAX_TRACE_LINES = 40;

/**
 * As text that Slack and its likes show but never obey: no mention, no link, no formatting. Slack's own escapes first
 * (&, <, >); what Markdown or a mention begins with is parted from what follows by a zero-width space.
 */
export function slackEscape(text: string, longest = MAX_WORDS): string {
  return stripped(text, longest)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("`", "'")
    .replace(/[@[\]*_~!|]|(?<=https?):(?=\/\/)/gi, "$&\u200b");
}

function slackText(notice: Notice): string {
  switch (notice.kind) {
    case "heartbeat":
      return `heartbeat ${notice.sequence} of ${slackEscape(notice.from)}; the next in ${notice.everyS} s`;
    case "test":
      return `test of the alarm path by ${slackEscape(notice.by)}, from ${slackEscape(notice.from)}`;
    case "path":
      return pathText(notice.event);
    case "rollout":
      return rolloutText(notice.event);
    case "epe":
      return epeText(notice.event);
    case "health":
      return healthText(notice.event);
  }
}

const TURNS: Readonly<Record<RolloutEventType, string>> = {
  started: "has started",
  "verdict-failed": "has a failed verdict, and goes on",
  "going-back": "goes back",
  aborted: "has ended: everybody is as before",
  done: "is done",
  "failed-to-go-back": "FAILED TO GO BACK: somebody has to look",
};

function rolloutText(event: RolloutEvent): string {
  const { type, level, rollout, from, to, step, steps, edges, movedBefore, moved, who, words } = event;
  const planes = `${slackEscape(from, 100)} to ${slackEscape(to, 100)}`;
  const now = movedBefore === moved ? `${moved}` : `${moved}, before ${movedBefore},`;
  return [
    `*${level}* rollout ${rollout}, ${planes}, ${TURNS[type]}`,
    slackEscape(words),
    `step ${step} of ${steps}; ${now} of ${edges} Edges on ${slackEscape(to, 100)}; by ${slackEscape(who, 100)}`,
  ].join("\n");
}

const HAPPENED: Readonly<Record<EpeEventType, string>> = {
  moved: "led to another egress peer",
  "taken-back": "taken back to BGP's choice",
  "bad-path": "paths of BGP's choice are worse than another peer's",
  "path-changed": "AS paths in use have changed",
  "bad-path-over": "bad paths are over",
  alarm: "somebody has to look",
  "alarm-over": "alarms are over",
  switched: "switched",
};

function epeText({ type, level, count, lines, held }: EpeEvent): string {
  const more = count - lines.length;
  return [
    `*${level}* egress peers: ${count === 1 ? "" : `${count} `}${HAPPENED[type]}`,
    ...lines.map(({ prefix, node, words }) => {
      const where = [prefix, node].filter((one) => one !== undefined).join(" at ");
      return slackEscape(`${where === "" ? "" : `${where}: `}${words}`, 300);
    }),
    ...(more > 0 ? [`and ${more} more: vsixctl epe history`] : []),
    ...(held > 0 ? [`${held} that come and go too often are not told each time`] : []),
  ].join("\n");
}

function healthText({ type, level, node, site, verdicts }: HealthEvent): string {
  const turned =
    type === "turned-bad" ? "the network is broken, seen from" : "the network is well again, seen from";
  const where = `${slackEscape(node, 100)} (${slackEscape(site, 100)})`;
  return [`*${level}* ${turned} ${where}`, ...verdicts.map((text) => slackEscape(text, 300))].join("\n");
}

function pathText(event: PathEvent): string {
  const { type, level, source, target, before, after, likely, acknowledged } = event;
  const lines = [
    `*${type === "recovered" ? "recovered" : level}* ${slackEscape(source)} to ${slackEscape(target)}: ${slackEscape(after.words)}`,
  ];
  if (type === "flapping") lines.push("It flaps: nothing more is told until it has been quiet.");
  if (type === "settled") lines.push("It flapped, and has been quiet since.");
  if (before !== undefined) {
    lines.push(`before: ${slackEscape(before.words)}`, `plane: ${planes(before)} -> ${planes(after)}`);
  }
  if (likely !== undefined) lines.push(slackEscape(likely.words));
  if (acknowledged !== undefined) lines.push(`acknowledged by ${slackEscape(acknowledged.by, 100)}`);
  for (const [title, sighting] of [
    ["before", before],
    ["after", after],
  ] as const) {
    if (sighting?.trace === undefined) continue;
    lines.push(`${title}:`, "```", ...traceLines(sighting.trace), "```");
  }
  return lines.join("\n");
}

function planes(sighting: Sighting): string {
  return sighting.planes.length === 0 ? "unknown" : slackEscape(sighting.planes.join(" and "), 200);
}

/** Each different path once, one line per hop. */
function traceLines(trace: Trace): readonly string[] {
  const paths = new Map<string, number[]>();
  for (const { flow, hops, end } of trace.flows.slice(0, 64)) {
    const rows = hops.slice(0, 64).map(({ hop, answers }) => {
      const seen = [...new Set(answers.map(({ address }) => address))].slice(0, 4);
      return `${hop}  ${seen.length === 0 ? "*" : slackEscape(seen.join(" "), 200)}`;
    });
    const text = [...rows, end.kind].join("\n");
    paths.set(text, [...(paths.get(text) ?? []), flow]);
  }
  const lines = [...paths].flatMap(([text, flows]) => [`flows ${flows.join(" ")}`, ...text.split("\n")]);
  return lines.length > MAX_TRACE_LINES ? [...lines.slice(0, MAX_TRACE_LINES), "…"] : lines;
}
