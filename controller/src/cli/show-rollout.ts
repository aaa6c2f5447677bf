import type { RolloutEvidence, RolloutView } from "../status/rollout-model.ts";
import { paint, paintPlane } from "./output.ts";
import { formatTable } from "./table.ts";

/** Characters of a full bar. */
const BAR = 30;
const ENDED = new Set(["done", "aborted", "failed-to-go-back"]);

export function hasEnded({ stage }: RolloutView): boolean {
  return ENDED.has(stage);
}

/** What a rollout would do, or is about to. */
export function showPlan(rollout: RolloutView): string {
  const { id, dryRun, from, to, steps, cohort, settings, leastMs } = rollout;
  const rows = steps.map(({ text, size }, i) => {
    const before = steps[i - 1]?.size ?? 0;
    const names = cohort.slice(before, size).map(({ edge }) => edge);
    return [String(i + 1), text, String(size), names.join(", ")];
  });
  const head = `${dryRun ? "dry run: " : ""}rollout ${id} of ${cohort.length} Edges from ${paintPlane(from)} to ${paintPlane(to)}`;
  const { intervalMs, rehearsalMs, deadlineMs, failureLimit } = settings;
  return [
    head,
    formatTable(["STEP", "ASKED", "EDGES", "WHO JOINS"], rows),
    `takes ${time(leastMs)} at least: ${time(rehearsalMs)} before anybody moves and for each half of the rehearsal, ${time(intervalMs)} a step`,
    `goes back after ${failureLimit} failed verdict${failureLimit === 1 ? "" : "s"}, or when it is not done in ${time(deadlineMs)}`,
    ...rollout.unjudged.map((what) => `not looked at: ${what}`),
    ...(dryRun ? ["nothing is stored"] : [`vsixctl rollout watch ${id} follows it`]),
  ].join("\n");
}

export function showRollout(rollout: RolloutView): string {
  const { id, from, to, steps, cohort, settings, ageMs, author, note, verdict, why, step } = rollout;
  const moved = cohort.filter((one) => one.moved).length;
  const left = cohort.filter((one) => one.left).map(({ edge }) => edge);
  const rows = steps.map(({ text, size }, i) => {
    const state =
      i + 1 < step || rollout.stage === "done"
        ? "done"
        : i + 1 === step && !hasEnded(rollout)
          ? doing(rollout)
          : "";
    return `  ${i + 1}  ${text.padEnd(5)} ${String(size).padStart(5)}  ${bar(Math.min(moved, size) / size)}  ${state}`.trimEnd();
  });
  const lines = [
    `${paint("bold", `rollout ${id}`)} from ${paintPlane(from)} to ${paintPlane(to)}: ${paintStage(rollout)}`,
    `  by ${author}${note === "" ? "" : `: ${note}`}; ${time(ageMs)} old, deadline ${time(settings.deadlineMs)}`,
    `  ${moved} of ${cohort.length} Edges on ${to}  ${bar(moved / Math.max(1, cohort.length))}`,
    ...rows,
  ];
  if (rollout.paused !== null) lines.push(paint("yellow", `  paused by ${rollout.paused}`));
  if (left.length > 0) lines.push(`  steered by hand, no longer in it: ${left.join(", ")}`);
  if (verdict !== null) {
    const reasons = verdict.reasons.map((reason) => `    ${reason}`);
    lines.push(`  judge: ${paintVerdict(verdict.verdict)}, ${time(ageMs - verdict.ageMs)} ago`, ...reasons);
  }
  if (!hasEnded(rollout)) lines.push(...rollout.unjudged.map((what) => `  not looked at: ${what}`));
  if (why !== "") lines.push(paint("red", `  ${why}`));
  return lines.join("\n");
}

/** Everything that matters in one line without times: another line is a change. */
export function lineOf(rollout: RolloutView): string {
  const { cohort, to, verdict, why, paused, failures } = rollout;
  const moved = cohort.filter((one) => one.moved).length;
  const left = cohort.filter((one) => one.left).length;
  const reasons = verdict === null || verdict.reasons.length === 0 ? "" : ` (${verdict.reasons.join("; ")})`;
  return [
    doing(rollout),
    `${moved}/${cohort.length} on ${to}`,
    ...(verdict === null ? [] : [`judge: ${verdict.verdict}${reasons}`]),
    ...(failures === 0 ? [] : [`failed verdicts: ${failures}`]),
    ...(paused === null ? [] : [`paused by ${paused}`]),
    ...(left === 0 ? [] : [`${left} steered by hand`]),
    ...(why === "" ? [] : [why]),
  ].join(", ");
}

export function showRollouts(rollouts: readonly RolloutView[]): string {
  if (rollouts.length === 0) return "there has been no rollout yet";
  return formatTable(
    ["ID", "FROM", "TO", "STATE", "MOVED", "BY", "BEGAN", "ENDED", "WHY"],
    rollouts.map((one) => [
      String(one.id),
      paintPlane(one.from),
      paintPlane(one.to),
      paintStage(one),
      `${one.cohort.filter((member) => member.moved).length}/${one.cohort.length}`,
      one.author,
      one.createdAt,
      one.endedAt ?? "-",
      one.why,
    ]),
  );
}

export function showEvidence({ rollout, events }: RolloutEvidence): string {
  const lines = events.map(({ at, kind, who, body }) => {
    const { told, verdict, reasons, stage, leftOut } = body as {
      readonly told?: string;
      readonly verdict?: string;
      readonly reasons?: readonly string[];
      readonly stage?: string;
      readonly leftOut?: number;
    };
    const more = (leftOut ?? 0) > 0 ? `, ${leftOut} more like it` : "";
    const said =
      kind === "change"
        ? told
        : `${paintVerdict(verdict ?? "")}${more} ${(reasons ?? []).join("; ")}`.trimEnd();
    return `${at}  ${who}  ${stage}  ${said}`;
  });
  return [showRollout(rollout), "", ...lines].join("\n");
}

/** What it does now, in words. */
function doing({ stage, step, steps, seen, from, to }: RolloutView): string {
  const wait = seen ? "observing" : "moving";
  if (stage === "baseline") return "before anybody moves";
  if (stage === "there") return `rehearsal: to ${to}, ${wait}`;
  if (stage === "back") return `rehearsal: back to ${from}, ${wait}`;
  if (stage === "step") return `step ${step} of ${steps.length}, ${wait}`;
  return stage;
}

function paintStage(rollout: RolloutView): string {
  if (rollout.stage === "done") return paint("green", "done");
  if (hasEnded(rollout) || rollout.stage === "going-back") return paint("red", rollout.stage);
  return doing(rollout);
}

function paintVerdict(verdict: string): string {
  if (verdict === "pass") return paint("green", verdict);
  return paint(verdict === "fail" ? "red" : "yellow", verdict);
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR);
  return `[${"#".repeat(full)}${".".repeat(BAR - full)}]`;
}

function time(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 360) / 10} h`;
}
