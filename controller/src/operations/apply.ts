import { createHash } from "node:crypto";
import type { Fault } from "@vsix/shared/fabric/fault.ts";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { timestamp } from "../clock.ts";
import { NO_ORDERS } from "../core/compile-traces.ts";
import { takePlane } from "../core/plane-change.ts";
import { diffFleet, type NodeDiff } from "../desired/compiled.ts";
import { expectedIn } from "../desired/expected-in-force.ts";
import { epeOf, fitIntent, type InForce, revisionOf } from "../desired/in-force.ts";
import { fabricOf, type MadeOf } from "../desired/stored-fabric.ts";
import { ControllerError } from "../errors.ts";
import { type Context, requireInForce, requirePlane } from "./context.ts";
import { publishedInTime } from "./published.ts";
import { meetRevision } from "./rollout-guard.ts";
import { takingPart } from "./trials.ts";

/** A fabric file with faults: nothing of it is applied. */
export class FabricFaultsError extends ControllerError {
  readonly faults: readonly Fault[];

  constructor(file: string, faults: readonly Fault[]) {
    super(
      "fabric-faults",
      `${file}: ${faults.length} fault${faults.length === 1 ? "" : "s"}; nothing is applied`,
    );
    this.faults = faults;
  }
}

export interface ApplyRequest {
  readonly who: string;
  readonly text: string;
  /** Name of the file, for people. */
  readonly file: string;
  readonly note: string;
  readonly dryRun: boolean;
  /** Only what the file says of this plane; everything else stays as it is. */
  readonly plane?: string;
  /** Seconds within which every node has to prove that it can still be reached, else all goes back. */
  readonly confirmWithinS?: number;
}

export interface ApplyResult {
  readonly dryRun: boolean;
  /** In force afterwards; null for a dry run before the first apply. */
  readonly revision: number | null;
  /** False when this very text is in force already. */
  readonly stored: boolean;
  readonly diff: readonly NodeDiff[];
  /** Null: all of the file. */
  readonly plane: string | null;
  /** With a plane: what the file would change in others, and waits for an apply of all of it. */
  readonly held: readonly string[];
  /** Operators' wishes that the new fabric has no place for. */
  readonly dropped: readonly string[];
  /** Expected paths that the new fabric does not fit: kept, but neither traced nor judged. */
  readonly unfitPaths: readonly Fault[];
  /** Whether the broker held everything when this was answered. */
  readonly published: boolean;
}

/** A file as it is put in force over what is in force at that moment. */
type Taking = (current: InForce | undefined) => {
  readonly fabric: Fabric;
  readonly held: readonly string[];
  /** As the new revision of this number is made. */
  readonly madeOf?: (revision: number) => MadeOf;
};

/**
 * Validates, compares, and unless it is a dry run stores a revision and publishes. Throws FabricFaultsError, and with a plane
 * ControllerError `no-fabric`, `unknown-plane`, `not-confined`.
 */
export async function applyFabric(context: Context, request: ApplyRequest): Promise<ApplyResult> {
  const parsed = parseFabric(request.text, request.file);
  if (!parsed.ok) throw new FabricFaultsError(request.file, parsed.faults);
  const { plane } = request;
  const take: Taking =
    plane === undefined
      ? () => ({ fabric: parsed.fabric, held: [] })
      : (current) => takeOnly(plane, parsed.fabric, requireInForce(current));
  if (request.dryRun) return planFabric(context, take, plane ?? null);
  return storeFabric(context, take, request, "apply");
}

/** Puts an earlier revision in force again, as a new revision. Throws `unknown-revision`, FabricFaultsError. */
export async function rollback(
  context: Context,
  who: string,
  revision: number,
  confirmWithinS?: number,
): Promise<ApplyResult> {
  const row = await context.store.read.revision(revision);
  if (row === undefined) {
    const newest = (await context.store.read.revisions(1))[0]?.revision ?? 0;
    throw new ControllerError(
      "unknown-revision",
      `there is no revision ${revision}; the newest is ${newest}`,
    );
  }
  const stored = await fabricOf(context.store.read, row);
  if (!stored.ok) throw new FabricFaultsError(stored.file, stored.faults);
  const { fabric, madeOf } = stored;
  const take: Taking = () => ({
    fabric,
    held: [],
    ...(madeOf === undefined ? {} : { madeOf: () => madeOf }),
  });
  const request = {
    who,
    text: row.fabric,
    file: row.file,
    note: `rollback to ${revision}`,
    ...within(confirmWithinS),
  };
  return storeFabric(context, take, request, "rollback");
}

function takeOnly(plane: string, file: Fabric, current: InForce): ReturnType<Taking> {
  requirePlane(current, plane);
  const taken = takePlane(current.fabric, file, plane);
  if (!taken.ok)
    throw new ControllerError(
      "not-confined",
      `not of ${plane} alone: ${taken.reasons.join("; ")}. Apply the whole file, or leave that out of it`,
    );
  const { base = current.revision, planes = {} } = current.madeOf ?? {};
  return { ...taken, madeOf: (revision) => ({ base, planes: { ...planes, [plane]: revision } }) };
}

async function planFabric(context: Context, take: Taking, plane: string | null): Promise<ApplyResult> {
  const current = context.desired.inForce;
  const { fabric, held } = take(current);
  const { intent, dropped } = fitIntent(fabric, await context.store.read.intent());
  const expected = await expectedIn(context.store.read, fabric, current);
  const orders = expected?.orders ?? NO_ORDERS;
  return {
    dryRun: true,
    revision: current?.revision ?? null,
    stored: false,
    diff: diffFleet(current, { ...epeOf(current), fabric, intent, orders }),
    ...{ plane, held },
    dropped,
    unfitPaths: expected?.unfit ?? [],
    published: false,
  };
}

async function storeFabric(
  context: Context,
  take: Taking,
  request: Omit<ApplyRequest, "dryRun">,
  what: "apply" | "rollback",
): Promise<ApplyResult> {
  const sha256 = createHash("sha256").update(request.text).digest("hex");
  const current = context.desired.inForce;
  const plane = request.plane ?? null;
  if (current !== undefined && (await isInForce(context, current, take, sha256, plane))) {
    return {
      dryRun: false,
      revision: current.revision,
      stored: false,
      diff: [],
      ...{ plane, held: [] },
      dropped: [],
      unfitPaths: current.expected?.unfit ?? [],
      published: true,
    };
  }
  const { confirmWithinS } = request;
  const part = takingPart(context);
  if (confirmWithinS !== undefined) {
    if (current === undefined)
      throw new ControllerError(
        "nothing-before",
        "there is nothing to go back to: the first revision needs no --confirm",
      );
    const { fabric } = take(current);
    const { intent } = fitIntent(fabric, await context.store.read.intent());
    const { orders = NO_ORDERS } = (await expectedIn(context.store.read, fabric, current)) ?? {};
    const diff = diffFleet(current, { ...epeOf(current), fabric, intent, orders });
    context.trials.check(
      context,
      diff.filter(({ change }) => change === "changed").map(({ node }) => node),
    );
  }
  let dropped: readonly string[] = [];
  let rollouts: readonly number[] = [];
  let held: readonly string[] = [];
  const commit = await context.desired.commit({ who: request.who, what }, async (tx, now) => {
    const taken = take(now);
    const { fabric } = taken;
    held = taken.held;
    const revision = await tx.addRevision({
      fabric: request.text,
      file: request.file,
      sha256,
      author: request.who,
      note: request.note,
      at: timestamp(context.clock.wallMs()),
      made_of: null,
    });
    const madeOf = taken.madeOf?.(revision);
    if (madeOf !== undefined) await tx.setMadeOf(revision, JSON.stringify(madeOf));
    const stored = await tx.intent();
    const fitted = fitIntent(fabric, stored);
    dropped = fitted.dropped;
    for (const edge of Object.keys(stored.steer)) {
      if (!Object.hasOwn(fitted.intent.steer, edge)) await tx.clearSteer(edge);
    }
    for (const plane of stored.drained) {
      if (!fitted.intent.drained.includes(plane)) await tx.removeDrained(plane);
    }
    const { file, note } = request;
    const after = { revision, fabric, intent: fitted.intent };
    const onTrial = confirmWithinS !== undefined;
    rollouts = await meetRevision(context, tx, context.desired.inForce, after, { who: request.who, onTrial });
    if (confirmWithinS !== undefined && current !== undefined)
      await tx.putTrial(revision, current.revision, stored);
    return {
      revision,
      fabric,
      intent: fitted.intent,
      ...(madeOf === undefined ? {} : { madeOf }),
      detail: { revision, file, note, sha256, dropped, ...within(confirmWithinS), ...ofPlane(plane, held) },
      ...within(confirmWithinS),
    };
  });
  await context.rollouts.settle(context, rollouts);
  if (confirmWithinS !== undefined) context.trials.begin(context, commit, confirmWithinS, part);
  return {
    dryRun: false,
    revision: commit.after.revision,
    stored: true,
    diff: diffFleet(commit.before, commit.after),
    ...{ plane, held },
    dropped,
    unfitPaths: commit.after.expected?.unfit ?? [],
    published: await publishedInTime(context, commit),
  };
}

/** Whether this very text is in force already: of the whole network, or of this plane. */
async function isInForce(
  { store }: Context,
  current: InForce,
  take: Taking,
  sha256: string,
  plane: string | null,
): Promise<boolean> {
  // A rollback may be to the same text as it was of one plane alone.
  const madeOf = plane === null ? take(current).madeOf?.(current.revision) : undefined;
  if (plane === null && JSON.stringify(madeOf) !== JSON.stringify(current.madeOf)) return false;
  const revision = plane === null ? current.revision : revisionOf(current, plane);
  return (await store.read.revision(revision))?.sha256 === sha256;
}

function ofPlane(plane: string | null, held: readonly string[]): object {
  return plane === null ? {} : { plane, held };
}

function within(confirmWithinS: number | undefined): { readonly confirmWithinS?: number } {
  return confirmWithinS === undefined ? {} : { confirmWithinS };
}
