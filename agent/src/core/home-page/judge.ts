import type { HomeView } from "./facts.ts";

/** What is the matter, each with words of its own (words.ts). */
export const FINDINGS = [
  "enrolling",
  "reset",
  "silent",
  "no-document",
  "no-tunnel",
  "no-uplink",
  "tunnels-dead",
  "tunnel-dead",
  "health-bad",
  "errors",
  "controller-away",
  "health-poor",
  "well",
] as const;
export type Finding = (typeof FINDINGS)[number];

export type Colour = "green" | "yellow" | "red";

const COLOURS: Readonly<Record<Finding, Colour>> = {
  enrolling: "yellow",
  reset: "yellow",
  silent: "red",
  "no-document": "yellow",
  "no-tunnel": "yellow",
  "no-uplink": "red",
  "tunnels-dead": "red",
  "tunnel-dead": "yellow",
  "health-bad": "red",
  errors: "yellow",
  "controller-away": "yellow",
  "health-poor": "yellow",
  well: "green",
};
export const colourOf = (finding: Finding): Colour => COLOURS[finding];

/** A look at health that is older tells nothing of now; milliseconds. They come every quarter of an hour. */
const FRESH_MS = 3_600_000;

/** What somebody at home should know, what to do first comes first; `well` alone where there is nothing. */
export function judgeHome(view: HomeView, nowMs: number): readonly [Finding, ...Finding[]] {
  const health =
    view.health === undefined || nowMs - view.health.startedMs > FRESH_MS ? undefined : view.health;
  if (view.facts === undefined) return [view.absent];
  const { facts } = view;
  if (facts.generation === 0) return ["no-document"];
  const found: Finding[] = [];
  const placed = facts.tunnels.filter(({ local }) => local !== undefined);
  const dead = placed.filter(({ life }) => life === "dead");
  if (facts.tunnels.length === 0) found.push("no-tunnel");
  else if (placed.length === 0) found.push("no-uplink");
  else if (dead.length === placed.length) found.push("tunnels-dead");
  else if (dead.length > 0) found.push("tunnel-dead");
  if (health?.state === "bad") found.push("health-bad");
  if (facts.errors.length > 0) found.push("errors");
  if (!facts.controllerUp) found.push("controller-away");
  if (health?.state === "poor") found.push("health-poor");
  const [first = "well", ...others] = found;
  return [first, ...others];
}
