import type { Manifest } from "@vsix/shared/contract/manifest.ts";
import { timestamp } from "../clock.ts";
import { judgeBystander, judgeChanged, type TrialNode, type TrialNodeView } from "../core/trial.ts";
import type { Commit } from "../desired/desired-state.ts";
import type { DesiredNode } from "../desired/document.ts";
import type { InForce } from "../desired/in-force.ts";
import { takeBack } from "../desired/take-back.ts";
import { ControllerError, messageOf } from "../errors.ts";
import type { FleetState } from "../fleet/state.ts";
import type { Context } from "./context.ts";

const LOOK_EVERY_MS = 100;
/** How long after the deadline a node's last word is waited for. */
const LAST_WORD_MS = 5_000;
/** How long the nodes' own going back is waited for, to tell of it. */
const BACK_MS = 30_000;
/** What a node is told that asks for a confirm when no trial is on any more; it ends its trial. */
const LATE_WITHIN_S = 60;

/** How a trial goes, or went. */
export interface TrialProgress {
  readonly revision: number;
  readonly previous: number;
  readonly withinS: number;
  readonly state: "running" | "confirming" | "confirmed" | "taking-back" | "taken-back";
  /** Why it was taken back; empty otherwise. */
  readonly reason: string;
  readonly nodes: readonly TrialNode[];
  /** The revision that brought back the one before, once there is one. */
  readonly restored: number | null;
}

/** What a node's manifest says of a trial. Pure but for what it looks at. */
export function confirmTerms(
  inForce: InForce | undefined,
  fleet: FleetState,
  epoch: number,
  node: DesiredNode,
): Pick<Manifest, "confirm"> {
  const asked = fleet.node(node.node).report?.value.trial;
  const connection =
    asked?.epoch === epoch && asked.generation === node.generation ? asked.connection : undefined;
  const on = inForce?.trial;
  if (on?.nodes.has(node.node) === true && !on.decided) return { confirm: { withinS: on.withinS } };
  const withinS = on?.withinS ?? LATE_WITHIN_S;
  if (connection !== undefined) return { confirm: { withinS, connection } };
  return on?.nodes.has(node.node) === true ? { confirm: { withinS } } : {};
}

/** Revisions that last only if every node proves that it can still be reached. One at a time. */
export class Trials {
  #progress: TrialProgress | undefined;
  /** Connection that each node's newest manifest confirms. */
  readonly #answered = new Map<string, string>();

  /** The trial that is on, or the last one since the start. */
  get progress(): TrialProgress | undefined {
    return this.#progress;
  }

  get running(): boolean {
    return (
      this.#progress !== undefined &&
      !this.#progress.state.startsWith("confirmed") &&
      this.#progress.state !== "taken-back"
    );
  }

  /** Throws ControllerError `trial-running`. */
  guard(): void {
    const progress = this.#progress;
    if (progress === undefined || !this.running) return;
    throw new ControllerError(
      "trial-running",
      `revision ${progress.revision} is on trial (${progress.state}); \`vsixctl trial\` shows it`,
    );
  }

  /** Throws ControllerError `cannot-confirm` where these nodes are not all able to. */
  check(context: Context, nodes: readonly string[]): void {
    const online = nodes.filter((name) => isOnline(context, name));
    if (nodes.length > 0 && online.length === 0)
      throw new ControllerError("cannot-confirm", "none of the nodes that would change is online");
    const unable = online.filter((name) => {
      const report = context.fleet.node(name).report?.value;
      return report !== undefined && report.generation > 0 && report.abilities?.includes("confirm") !== true;
    });
    if (unable.length === 0) return;
    const names = unable.join(", ");
    throw new ControllerError("cannot-confirm", `the agents of ${names} cannot take a change on trial yet`);
  }

  /** To be called at every report: a node that asks late is answered. */
  answer(context: Context, name: string): void {
    const connection = context.fleet.node(name).report?.value.trial?.connection;
    const { inForce } = context.desired;
    if (connection === undefined || inForce === undefined) return;
    const node = inForce.nodes.get(name);
    if (node === undefined) return;
    const { confirm } = confirmTerms(inForce, context.fleet, context.lineage.epoch, node);
    if (confirm?.connection === undefined || this.#answered.get(name) === connection) return;
    this.#answered.set(name, connection);
    context.desired.resign(name).catch((error: unknown) => {
      this.#answered.delete(name);
      context.log.error({ node: name, reason: messageOf(error) }, "confirming failed");
    });
  }

  /** Follows a committed trial to its end, in the background. */
  begin(context: Context, commit: Commit, withinS: number, before: ReadonlyMap<string, boolean>): void {
    this.#answered.clear();
    this.#progress = {
      revision: commit.after.revision,
      previous: commit.before?.revision ?? 0,
      withinS,
      state: "running",
      reason: "",
      nodes: [],
      restored: null,
    };
    this.#run(context, commit, withinS * 1000, before).catch((error: unknown) => {
      context.log.error({ err: error }, "the trial could not be ended; the next start goes back");
      this.#set({ state: "taken-back", reason: messageOf(error) });
    });
  }

  async #run(
    context: Context,
    commit: Commit,
    withinMs: number,
    before: ReadonlyMap<string, boolean>,
  ): Promise<void> {
    const { clock, desired, lineage, signal } = context;
    const startMs = clock.monotonicMs();
    const { epoch } = lineage;
    const views = (): readonly TrialNodeView[] =>
      [...before].map(([name, converged]) => viewOf(context, commit, name, converged, startMs));
    let provedMs: number | undefined;
    const look = (): readonly TrialNode[] => {
      const all = views();
      const changed = all.filter(({ generation }) => generation !== undefined);
      const judged = changed.map((view) => judgeChanged(view, epoch));
      if (provedMs === undefined && judged.every(({ state }) => state === "ready" || state === "kept"))
        provedMs = clock.monotonicMs();
      const others = all.filter(({ generation }) => generation === undefined);
      const nodes = [...judged, ...others.map((view) => judgeBystander(view, provedMs))];
      this.#set({ nodes });
      return nodes;
    };
    const until = async (
      done: (nodes: readonly TrialNode[]) => boolean,
      untilMs: number,
    ): Promise<boolean> => {
      while (!signal.aborted) {
        const nodes = look();
        if (nodes.some(({ state }) => state === "lost")) return false;
        if (done(nodes)) return true;
        if (clock.monotonicMs() >= untilMs) return false;
        await clock.sleep(LOOK_EVERY_MS, signal);
      }
      return false;
    };
    const deadlineMs = startMs + withinMs;
    const ready = await until((nodes) => nodes.every(({ state }) => state !== "waiting"), deadlineMs);
    // A controller that stops amid a trial goes back at its next start.
    if (signal.aborted) return;
    if (ready) {
      this.#set({ state: "confirming" });
      desired.decideTrial();
      for (const name of before.keys()) this.answer(context, name);
      const kept = (nodes: readonly TrialNode[]): boolean =>
        nodes.every(({ name, state }) => state === "kept" || !commit.changed.includes(name));
      if (await until(kept, deadlineMs + LAST_WORD_MS)) return this.#confirmed(context, commit);
      if (signal.aborted) return;
    }
    await this.#back(context, commit, before);
  }

  async #confirmed(context: Context, commit: Commit): Promise<void> {
    const { store, desired, clock, log } = context;
    const { revision } = commit.after;
    await store.transaction(async (tx) => {
      await tx.clearTrial();
      const detail = JSON.stringify({ revision, nodes: commit.changed });
      await tx.addAudit({ at: timestamp(clock.wallMs()), who: "controller", what: "confirm", detail });
    });
    desired.endTrial();
    this.#set({ state: "confirmed" });
    log.info({ revision }, "confirmed by every node");
    for (const name of commit.changed) await desired.resign(name);
  }

  async #back(context: Context, commit: Commit, before: ReadonlyMap<string, boolean>): Promise<void> {
    const { store, desired, clock, lineage, log, fleet, signal } = context;
    const failed = (this.#progress?.nodes ?? []).filter(
      ({ state }) => state === "waiting" || state === "lost",
    );
    const reason = failed.map(({ name, why }) => `${name} ${why}`).join("; ") || "not confirmed in time";
    log.error({ revision: commit.after.revision, reason }, "not confirmed; the revision before comes back");
    this.#set({ state: "taking-back", reason });
    const back = await takeBack(store, desired, clock, reason);
    this.#set({ restored: back.after.revision });
    const untilMs = clock.monotonicMs() + BACK_MS;
    // Each node's own word on which generation it went back from, and that it holds what is wanted now.
    const told = (name: string): boolean => {
      const report = fleet.node(name).report?.value;
      return report?.epoch === lineage.epoch && report.generation === back.after.nodes.get(name)?.generation;
    };
    const names = [...before.keys()].filter((name) => commit.changed.includes(name));
    while (!signal.aborted && clock.monotonicMs() < untilMs && !names.every(told))
      await clock.sleep(LOOK_EVERY_MS, signal);
    const nodes = (this.#progress?.nodes ?? []).map((node): TrialNode => {
      const generation = commit.after.nodes.get(node.name)?.generation;
      const said = fleet.node(node.name).report?.value.takenBack;
      if (!commit.changed.includes(node.name) || said?.generation !== generation) return node;
      return {
        name: node.name,
        state: "lost",
        why: `refused generation ${said?.generation}: ${said?.reason}`,
      };
    });
    this.#set({ state: "taken-back", nodes });
  }

  #set(change: Partial<TrialProgress>): void {
    if (this.#progress !== undefined) this.#progress = { ...this.#progress, ...change };
  }
}

/** Managed nodes that take part, and whether each had converged: those that are online now and hold something. */
export function takingPart(context: Context): ReadonlyMap<string, boolean> {
  const names = [...(context.desired.inForce?.nodes.keys() ?? [])];
  return new Map(
    names.flatMap((name) => {
      const report = context.fleet.node(name).report?.value;
      if (report === undefined || report.generation === 0 || !isOnline(context, name)) return [];
      return [[name, report.converged] as const];
    }),
  );
}

function isOnline({ fleet, clock }: Context, name: string): boolean {
  return fleet.isOnline(name, clock.monotonicMs());
}

function viewOf(
  { fleet }: Context,
  commit: Commit,
  name: string,
  converged: boolean,
  startMs: number,
): TrialNodeView {
  const { report, presence } = fleet.node(name);
  const live = report !== undefined && !report.replayed && report.atMs >= startMs;
  const heard = [live ? report.atMs : undefined, presence?.renewedAtMs].filter((ms) => ms !== undefined);
  return {
    name,
    generation: commit.changed.includes(name) ? commit.after.nodes.get(name)?.generation : undefined,
    converged,
    report: live ? report.value : undefined,
    heardMs: heard.length === 0 ? undefined : Math.max(...heard),
  };
}
