import type { Clock } from "../clock.ts";
import { timestamp } from "../clock.ts";
import type { Intent } from "../core/intent.ts";
import type { Judge, Judgement } from "../core/release/question.ts";
import type { RolloutEvent } from "../core/release/rollout.ts";
import { hasEnded, type RolloutState, stepNumber } from "../core/release/rollout-state.ts";
import { ControllerError } from "../errors.ts";
import type { RolloutView } from "../status/rollout-model.ts";
import type { RolloutTable } from "../store/schema.ts";
import type { StoreTransaction } from "../store/transaction.ts";
import { type Context, requireInForce } from "./context.ts";
import type { EvidenceFiles } from "./rollout-evidence.ts";
import { planRollout, type RolloutRequest } from "./rollout-plan.ts";
import { recordChange, saveState, withSteers, writeIntent } from "./rollout-record.ts";
import { detailOf, type Taken, type Taking, takeEvent } from "./rollout-take.ts";
import { readState, stateOf, viewOf } from "./rollout-view.ts";

/** A rollout that has not ended, as it was stored last. */
export interface Running {
  readonly row: RolloutTable;
  readonly state: RolloutState;
  /** Monotonic milliseconds at which its age was 0. */
  readonly bornMs: number;
}

type Brought = Pick<Taking, "who" | "event" | "judgement" | "stage">;

/**
 * The rollouts of this controller. What is stored is the truth: each event is taken in one transaction that reads the
 * state, steers, and stores the next one; memory only follows.
 */
export class Rollouts {
  readonly #clock: Clock;
  readonly #files: EvidenceFiles;
  readonly #judgeOf: (context: Context) => Judge;
  #judge: Judge | undefined;
  #running: ReadonlyMap<number, Running> = new Map();

  constructor(clock: Clock, files: EvidenceFiles, judgeOf: (context: Context) => Judge) {
    this.#clock = clock;
    this.#files = files;
    this.#judgeOf = judgeOf;
  }

  get running(): readonly Running[] {
    return [...this.#running.values()];
  }

  ageOf({ state, bornMs }: Running): number {
    return Math.max(state.ageMs, this.#clock.monotonicMs() - bornMs);
  }

  judge(context: Context): Judge {
    this.#judge ??= this.#judgeOf(context);
    return this.#judge;
  }

  /** To be called once, after the intent is in force again: every rollout goes on from the beginning of its stage. */
  async resume(context: Context): Promise<void> {
    await this.#giveUpUnreadable(context);
    await this.refresh(context);
    // And of its last turn nobody may have been told.
    context.watch.rollouts.look();
    // Its file may be a transition behind.
    const [newest] = await context.store.read.rollouts(1);
    if (newest !== undefined) this.#files.write(context.store.read, newest.id);
    for (const { state } of this.running) {
      await this.#take(context, state.id, { who: "controller", event: { type: "restart" } });
      const { inForce } = context.desired;
      if (inForce === undefined || state.stage === "going-back" || agrees(inForce.intent, state)) continue;
      const why = "Edges are no longer steered as it left them";
      await this.act(context, state.id, { type: "abort", who: "controller", why });
    }
  }

  /** A rollout whose state this version cannot read has ended: nobody is steered by it, and nothing waits for it. */
  async #giveUpUnreadable({ store, log }: Context): Promise<void> {
    for (const row of await store.read.runningRollouts()) {
      if (readState(row) !== undefined) continue;
      const { id } = row;
      log.error(
        { rollout: id },
        "a stored rollout cannot be read by this version; its Edges stay where they are",
      );
      const at = timestamp(this.#clock.wallMs());
      await store.transaction(async (tx) => {
        await tx.putRollout({ ...row, ended_at: at });
        const detail = JSON.stringify({
          rollout: id,
          told: "cannot be read by this version; ended as it is",
        });
        await tx.addAudit({ at, who: "controller", what: "rollout", detail });
      });
    }
  }

  /** Reads what is stored: at the start, and after somebody else's transaction has taken an event. */
  async refresh({ store }: Context): Promise<void> {
    const rows = await store.read.runningRollouts();
    const before = this.#running;
    this.#running = new Map();
    for (const row of rows) {
      const state = stateOf(row);
      // Between two processes the wall clock tells the age; where it has gone back, no time has passed.
      const awayMs = Math.max(0, this.#clock.wallMs() - Date.parse(row.saved_at));
      const bornMs = before.get(row.id)?.bornMs ?? this.#clock.monotonicMs() - state.ageMs - awayMs;
      this.#running = new Map(this.#running).set(row.id, { row, state, bornMs });
    }
  }

  /** Begins one, or says how it would be. Throws what planRollout throws, `trial-running`, `fleet-newer`. */
  async create(
    context: Context,
    request: RolloutRequest & { readonly who: string; readonly dryRun: boolean },
  ): Promise<RolloutView> {
    const { desired, store } = context;
    const { who, note, dryRun } = request;
    return desired.between(async () => {
      if (!dryRun) {
        context.lineage.guard();
        context.trials.guard();
      }
      const id = ((await store.read.rollouts(1))[0]?.id ?? 0) + 1;
      const running = (await store.read.runningRollouts()).map(stateOf);
      const state = planRollout(context, requireInForce(desired.inForce), request, running, id);
      const wallMs = this.#clock.wallMs();
      const at = timestamp(wallMs);
      const fresh = { id, author: who, note, created_at: at, saved_at: at, ended_at: null, state: "" };
      if (dryRun) return viewOf(fresh, state, true);
      const row = await store.transaction(async (tx) => {
        await recordChange(tx, state, who, "created", wallMs);
        await tx.addAudit({ at, who, what: "rollout", detail: JSON.stringify(detailOf(state, "created")) });
        return saveState(tx, fresh, state, wallMs);
      });
      this.#note(context, { row, state, told: "created" });
      return viewOf(row, state);
    });
  }

  /** What a person does to it. Throws ControllerError `unknown-rollout` and RolloutRefusal. */
  async act(
    context: Context,
    id: number,
    event: Extract<RolloutEvent, { readonly type: "pause" | "resume" | "promote" | "abort" }>,
  ): Promise<RolloutView> {
    const { row, state } = await this.#take(context, id, { who: event.who, event });
    return viewOf(row, state);
  }

  /** What time or the judge bring to the stage that a rollout was in. */
  async bring(
    context: Context,
    stage: RolloutState,
    event: Extract<RolloutEvent, { readonly type: "tick" | "verdict" }>,
    judgement?: Judgement,
  ): Promise<void> {
    const who = "controller";
    await this.#take(context, stage.id, {
      who,
      event,
      stage,
      ...(judgement === undefined ? {} : { judgement }),
    });
  }

  /** Takes an event in somebody else's transaction, which has to steer as the state says; `settle` afterwards. */
  async takeWithin(
    tx: StoreTransaction,
    id: number,
    event: Extract<RolloutEvent, { readonly type: "exception" | "end" }>,
  ): Promise<RolloutState | undefined> {
    return (await takeEvent(tx, this.#taking(id, { who: event.who, event }), { steering: true }))?.state;
  }

  /** Follows what somebody else's transaction has done to these. */
  async settle(context: Context, ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    await this.refresh(context);
    context.watch.rollouts.look();
    for (const id of ids) this.#files.write(context.store.read, id);
  }

  /** Newest first. */
  async list({ store }: Context, limit: number): Promise<readonly RolloutView[]> {
    const rows = await store.read.rollouts(limit);
    return rows.filter((row) => readState(row) !== undefined).map((row) => this.#view(row));
  }

  /** Throws ControllerError `unknown-rollout`. */
  async show({ store }: Context, id: number): Promise<RolloutView> {
    const row = await store.read.rollout(id);
    if (row === undefined) throw new ControllerError("unknown-rollout", `there is no rollout ${id}`);
    return this.#view(row);
  }

  #view(row: RolloutTable): RolloutView {
    const running = this.#running.get(row.id);
    const state = stateOf(row);
    return viewOf(row, running === undefined ? state : { ...state, ageMs: this.ageOf(running) });
  }

  /** In a transaction of its own where nobody is steered by it, else in the commit that steers. */
  async #take(context: Context, id: number, brought: Brought): Promise<Taken> {
    const { desired, store } = context;
    let taken = await desired.between(() =>
      store.transaction((tx) => takeEvent(tx, this.#taking(id, brought), { steering: false })),
    );
    if (taken === undefined) {
      await desired.commit({ who: brought.who, what: "rollout" }, async (tx, current) => {
        const { revision, fabric, intent: before } = requireInForce(current);
        taken = await takeEvent(tx, this.#taking(id, brought), { steering: true });
        const intent = taken === undefined ? before : withSteers(before, taken.state);
        await writeIntent(tx, before, intent);
        return {
          revision,
          fabric,
          intent,
          detail: taken === undefined ? {} : detailOf(taken.state, taken.told),
        };
      });
    }
    if (taken === undefined) throw new ControllerError("unknown-rollout", `there is no rollout ${id}`);
    this.#note(context, taken);
    return taken;
  }

  #taking(id: number, brought: Brought): Taking {
    const running = this.#running.get(id);
    return {
      ...brought,
      id,
      wallMs: this.#clock.wallMs(),
      ageMs: running === undefined ? 0 : this.ageOf(running),
    };
  }

  /** Memory follows what was stored. */
  #note({ store, log, watch }: Context, { row, state, told }: Taken): void {
    const running = new Map(this.#running);
    const bornMs = running.get(row.id)?.bornMs ?? this.#clock.monotonicMs() - state.ageMs;
    if (hasEnded(state)) running.delete(row.id);
    else running.set(row.id, { row, state, bornMs });
    this.#running = running;
    if (told === "") return;
    const { id: rollout, stage, why } = state;
    if (stage === "failed-to-go-back") log.error({ rollout, why }, "A ROLLOUT FAILED TO GO BACK");
    else log.info({ rollout, stage, step: stepNumber(state), told }, "rollout");
    watch.rollouts.look();
    this.#files.write(store.read, rollout);
  }
}

/** Whether everybody is steered as the rollout believes. */
function agrees(intent: Intent, state: RolloutState): boolean {
  const { steer } = withSteers(intent, state);
  return [...Object.keys(steer), ...Object.keys(intent.steer)].every(
    (edge) => steer[edge] === intent.steer[edge],
  );
}
