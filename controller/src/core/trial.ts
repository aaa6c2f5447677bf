import type { Report } from "@vsix/shared/contract/up.ts";

/** What is known of one node that takes part in a trial. */
export interface TrialNodeView {
  readonly name: string;
  /** The manifest it got for the trial; undefined for one whose document stays as it is. */
  readonly generation: number | undefined;
  /** Whether it had converged before. */
  readonly converged: boolean;
  /** Its newest report that came after the change, live. */
  readonly report: Pick<Report, "epoch" | "generation" | "converged" | "trial" | "takenBack"> | undefined;
  /** When it last said anything, on the monotonic clock. */
  readonly heardMs: number | undefined;
}

/** `waiting`: not yet; `ready`: proved its path; `kept`: confirmed, and says so; `lost`: went back. */
export type TrialNodeState = "waiting" | "ready" | "kept" | "lost";

export interface TrialNode {
  readonly name: string;
  readonly state: TrialNodeState;
  /** What is missing, or why it went back; empty when nothing is. */
  readonly why: string;
}

/** Where a node with a new document stands. `epoch` is the controller's. */
export function judgeChanged(view: TrialNodeView, epoch: number): TrialNode {
  const { name, generation, report } = view;
  const state = (now: TrialNodeState, why = ""): TrialNode => ({ name, state: now, why });
  if (report === undefined) return state("waiting", "has not reported since the change");
  const is = (one: { readonly epoch: number; readonly generation: number } | undefined): boolean =>
    one !== undefined && one.epoch === epoch && one.generation === generation;
  if (is(report.takenBack)) return state("lost", report.takenBack?.reason);
  if (!is(report)) return state("waiting", "has not taken the change");
  if (report.trial === undefined) return state("kept");
  if (report.trial.connection === undefined) return state("waiting", "was not heard on a new connection");
  if (view.converged && !report.converged) return state("waiting", "has not converged");
  return state("ready");
}

/** Where a node stands whose document stays: it must be heard after all the others were. */
export function judgeBystander({ name, heardMs }: TrialNodeView, sinceMs: number | undefined): TrialNode {
  if (sinceMs !== undefined && heardMs !== undefined && heardMs > sinceMs)
    return { name, state: "ready", why: "" };
  return { name, state: "waiting", why: "was not heard since the change" };
}
