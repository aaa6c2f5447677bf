import { Compactor } from "./compact.ts";
import type { Database } from "./database.ts";
import { figuresOf } from "./figures.ts";
import { Intake } from "./intake.ts";
import type { DnsFigures, RetentionByLevel, StoreRequest, StoreResult } from "./messages.ts";
import { Pruner } from "./prune.ts";
import { Rollups, type RollupWork } from "./rollups.ts";

export interface WorkRequest {
  readonly nowMs: number;
  readonly budgetMs: number;
  readonly retention: RetentionByLevel;
  /** Addresses in answers are wanted. */
  readonly learn: boolean;
}

/** `merged`: segments that were put together with others, or left alone for good. */
export type WorkResult = RollupWork & { readonly pruned: number; readonly merged: number };

/** What may be asked of the thread that writes. */
export interface WriterRequests {
  readonly store: (request: StoreRequest) => StoreResult;
  readonly work: (request: WorkRequest) => WorkResult;
  readonly figures: (argument: null) => DnsFigures;
}

export class WriterDesk {
  readonly requests: WriterRequests;

  constructor(db: Database) {
    const intake = new Intake(db);
    const rollups = new Rollups(db);
    const pruner = new Pruner(db);
    const compactor = new Compactor(db);
    this.requests = {
      store: (request) => intake.store(request),
      work: ({ nowMs, budgetMs, retention, learn }) => {
        const work = rollups.work(nowMs, budgetMs, learn);
        const pruned = pruner.prune(nowMs, retention);
        // What somebody waits to see counted comes first.
        return { ...work, pruned, merged: work.more ? 0 : compactor.work(nowMs, budgetMs) };
      },
      figures: () => figuresOf(db),
    };
  }
}
