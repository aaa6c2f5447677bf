import { HEALTH_LAYERS, type HealthState } from "@vsix/shared/contract/up-health.ts";
import type { Share } from "../core/health/compare.ts";
import type { HealthOverview, HealthRunView, NodeHealth, NodeHealthWhole } from "../health/view.ts";
import { paint, paintPlane } from "./output.ts";
import { formatTable } from "./table.ts";

const SHORT: Readonly<Record<(typeof HEALTH_LAYERS)[number], string>> = {
  datalink: "LINK",
  interface: "IFACE",
  local: "LOCAL",
  global: "GLOBAL",
  names: "NAMES",
  web: "WEB",
  translation: "XLAT",
  "path-mtu": "MTU",
  planes: "PLANES",
  clock: "CLOCK",
};
const COLUMNS = HEALTH_LAYERS.map((layer) => SHORT[layer]);

/** Nodes by layers, verdicts in words, then sites and planes side by side. */
export function showHealth({ nodes, sites, planes }: HealthOverview, nowMs: number): string {
  return [
    formatTable(
      ["NODE", "SITE", "AGE", "HEALTH", ...COLUMNS],
      nodes.map((node) => [
        node.node,
        node.site,
        ageOf(node, nowMs),
        node.stale ? paint("yellow", node.at === null ? "not yet" : "stale") : word(node.state),
        ...HEALTH_LAYERS.map((layer) => mark(node.layers[layer])),
      ]),
    ),
    nodes.flatMap(verdictLines).join("\n"),
    formatTable(
      ["SITE", "NODES", ...COLUMNS],
      sites.map(({ site, nodes: count, layers, us }) => [
        site,
        String(count),
        ...HEALTH_LAYERS.map((layer) => shareText(layers[layer], us[layer])),
      ]),
    ),
    formatTable(
      ["PLANE", "LOOKED", "BAD", "POOR", "RTT P50", "LOSS"],
      planes.map(({ plane, looked, bad, poor, us, lossPercent }) => [
        paintPlane(plane),
        String(looked),
        bad > 0 ? paint("red", String(bad)) : "0",
        poor > 0 ? paint("yellow", String(poor)) : "0",
        us === null ? "-" : time(us),
        lossPercent === null ? "-" : `${lossPercent}%`,
      ]),
    ),
  ]
    .filter((text) => text !== "")
    .join("\n\n");
}

/** One node, check by check. */
export function showNodeHealth(node: NodeHealthWhole, nowMs: number): string {
  const { latest } = node;
  const head = `${node.node} (${node.site}): ${word(node.state)}${node.stale ? ", stale" : ""}, ${ageOf(node, nowMs)} ago`;
  if (latest === null) return `${node.node} (${node.site}): nothing has been told yet`;
  return [
    head,
    verdictLines(node).join("\n"),
    formatTable(
      ["", "LAYER", "WHAT", "FOUND"],
      latest.checks.map(({ layer, subject, state, text }) => [mark(state), layer, subject, text]),
    ),
  ]
    .filter((text) => text !== "")
    .join("\n\n");
}

export function showHealthHistory(rows: readonly HealthRunView[]): string {
  return formatTable(
    ["AT", "HEALTH", ...COLUMNS, "VERDICTS"],
    rows.map(({ at, state, layers, verdicts }) => [
      at.slice(0, 19).replace("T", " "),
      word(state as HealthState),
      ...HEALTH_LAYERS.map((layer) => mark(layers[layer])),
      verdicts.map(({ text }) => text).join("; "),
    ]),
  );
}

function verdictLines({ node, verdicts, stale }: NodeHealth): readonly string[] {
  if (stale) return [];
  return verdicts.map(({ state, text }) => `${word(state)}  ${node}: ${text}`);
}

function word(state: HealthState): string {
  if (state === "bad") return paint("red", "BAD");
  if (state === "poor") return paint("yellow", "poor");
  return state === "good" ? paint("green", "good") : "-";
}

function mark(state: HealthState): string {
  if (state === "bad") return paint("red", "BAD");
  if (state === "poor") return paint("yellow", "poor");
  return state === "good" ? "ok" : "-";
}

function shareText({ looked, bad, poor }: Share, us: number | undefined): string {
  if (looked === 0) return "-";
  const wrong = bad + poor;
  const count = wrong === 0 ? "ok" : paint(bad > 0 ? "red" : "yellow", `${wrong} of ${looked}`);
  return us === undefined ? count : `${count} ${time(us)}`;
}

function time(us: number): string {
  return us < 10_000 ? `${(us / 1000).toFixed(1)}ms` : `${Math.round(us / 1000)}ms`;
}

function ageOf({ at }: NodeHealth, nowMs: number): string {
  if (at === null) return "-";
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(at)) / 1000));
  return seconds < 120
    ? `${seconds}s`
    : seconds < 7200
      ? `${Math.round(seconds / 60)}m`
      : `${Math.round(seconds / 3600)}h`;
}
