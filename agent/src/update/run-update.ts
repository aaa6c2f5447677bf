import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import {
  afterStep,
  type Outcome,
  resumed,
  type Step,
  stepOf,
  type UpdateState,
  type Which,
} from "../core/update/plan.ts";
import { judge, type Look, UNWATCHED, type Watched } from "../core/update/probation.ts";

/** The machine that an update happens on. */
export interface UpdateHost {
  /** What is on disk; undefined: no update. */
  readonly read: () => UpdateState | undefined;
  /** Returns once it will survive a power cut. */
  readonly write: (state: UpdateState) => void;
  /**
   * Has one of the two packages whole, whatever was there, and the agent of it started if it ran; returns once that will survive a power cut.
   * @throws why not
   */
  readonly install: (which: Which) => Promise<void>;
  readonly look: () => Promise<Look>;
  /** The update is over and on disk: nobody has to be started for it any more. */
  readonly clear: () => Promise<void>;
  /** To the journal, and to the agent that runs. */
  readonly tell: (state: UpdateState) => Promise<void>;
  readonly wallMs: () => number;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** What can be wrong with an update beside the new version. */
export class UpdateError extends VsixError<"update-refused" | "update-stuck"> {}

/** Between looks. */
const LOOK_EVERY_MS = 1_000;
/** Between attempts at putting back. */
const AGAIN_MS = 5_000;
const ATTEMPTS = 12;

/**
 * Goes on with the update on disk until it is over, whoever died in it. @returns how it ended; undefined: there is none.
 * @throws UpdateError `update-stuck` when what was before could not be put back: to be called again.
 */
export async function runUpdate(host: UpdateHost): Promise<UpdateState | undefined> {
  for (let state = await begin(host), attempts = 0; ; ) {
    if (state === undefined) return undefined;
    const step = stepOf(state);
    if (step === undefined) {
      await host.clear();
      return state;
    }
    const outcome = await carryOut(host, step, state);
    const next = afterStep(state, outcome, host.wallMs());
    if (next === state) {
      const said = outcome.ok ? "" : outcome.reason;
      if (++attempts >= ATTEMPTS)
        throw new UpdateError("update-stuck", `${state.from} could not be put back: ${said}`);
      await host.sleep(AGAIN_MS);
      continue;
    }
    state = next;
    host.write(state);
    await host.tell(state);
  }
}

/** Before the agent is started at boot: a package of which only a part may be there is made whole. Watches nothing. */
export async function settleUpdate(host: UpdateHost): Promise<void> {
  const found = host.read();
  if (found === undefined || stepOf(found)?.kind !== "install") return;
  for (let state = await begin(host); state !== undefined; ) {
    const step = stepOf(state);
    if (step?.kind !== "install") return;
    const next = afterStep(state, await carryOut(host, step, state), host.wallMs());
    if (next === state) return;
    host.write(next);
    await host.tell(next);
    state = next;
  }
}

async function begin(host: UpdateHost): Promise<UpdateState | undefined> {
  const found = host.read();
  if (found === undefined) return undefined;
  const state = resumed(found, host.wallMs());
  if (state === found) return state;
  host.write(state);
  await host.tell(state);
  return state;
}

async function carryOut(host: UpdateHost, step: Step, state: UpdateState): Promise<Outcome> {
  if (step.kind === "watch") return watch(host, state);
  try {
    await host.install(step.which);
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

async function watch(host: UpdateHost, state: UpdateState): Promise<Outcome> {
  const startMs = host.nowMs();
  for (let watched: Watched = UNWATCHED; ; await host.sleep(LOOK_EVERY_MS)) {
    const look = await host.look();
    const judged = judge(state, watched, look, host.nowMs() - startMs);
    if (judged.verdict !== undefined) return judged.verdict;
    watched = judged.watched;
  }
}
