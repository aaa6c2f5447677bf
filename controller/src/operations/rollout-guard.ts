import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { findNode, planesOf } from "@vsix/shared/fabric/query.ts";
import { NO_ORDERS } from "../core/compile-traces.ts";
import type { Intent } from "../core/intent.ts";
import { membersOf, type RolloutState } from "../core/release/rollout-state.ts";
import { wantedPlane } from "../core/steering.ts";
import { diffFleet } from "../desired/compiled.ts";
import { epeOf, type InForce } from "../desired/in-force.ts";
import { ControllerError } from "../errors.ts";
import type { StoreTransaction } from "../store/transaction.ts";
import type { Context } from "./context.ts";
import { recordChange, withSteers } from "./rollout-record.ts";
import { stateOf } from "./rollout-view.ts";

/** What somebody does by hand while rollouts run. */
export interface ByHand {
  readonly who: string;
  /** Steered or released. */
  readonly edge?: string;
  /** Drained. */
  readonly drained?: string;
  /** It is meant in spite of them, and recorded. */
  readonly exception: boolean;
}

/** What comes of it for the rollouts: the intent to go on from, and which of them were touched. */
export interface Met {
  readonly intent: Intent;
  readonly touched: readonly number[];
}

/**
 * Keeps what is done by hand and the rollouts apart. An Edge steered as an exception leaves its cohort; a plane drained as
 * one ends the rollout: everybody is steered as before it, and then the plane is drained. Throws ControllerError
 * `rollout-running`.
 */
export async function meetRollouts(
  { rollouts }: Context,
  tx: StoreTransaction,
  before: Intent,
  { who, edge, drained, exception }: ByHand,
): Promise<Met> {
  let intent = before;
  const touched: number[] = [];
  for (const state of (await tx.runningRollouts()).map(stateOf)) {
    const { id, from, to } = state;
    const moves = edge !== undefined && membersOf(state).some((member) => member.edge === edge);
    const drains = drained !== undefined && (drained === from || drained === to);
    if (!moves && !drains) continue;
    if (!exception) throw running(state, moves ? `${edge} is in it` : `${drained} is one of its planes`);
    const event = drains
      ? ({ type: "end", who, why: `${drained} was drained by ${who}` } as const)
      : ({ type: "exception", who, edges: [edge ?? ""] } as const);
    const after = await rollouts.takeWithin(tx, id, event);
    if (after !== undefined) intent = withSteers(intent, after);
    touched.push(id);
  }
  return { intent, touched };
}

function running({ id, from, to }: RolloutState, why: string): ControllerError {
  return new ControllerError(
    "rollout-running",
    `rollout ${id} from ${from} to ${to} is running, and ${why}: abort it (\`vsixctl rollout abort ${id}\`), or say --exception`,
  );
}

/**
 * Lets a revision in beside the rollouts only if it leaves alone what they measure: the routers of both planes, and the
 * Edges of the cohort. Nothing may be on trial beside one: taking it back would bring back old steering. Returns the
 * rollouts beside which it was let in. Throws ControllerError `rollout-running`.
 */
export async function meetRevision(
  context: Context,
  tx: StoreTransaction,
  before: InForce | undefined,
  after: Pick<InForce, "fabric" | "intent" | "revision">,
  { who, onTrial }: { readonly who: string; readonly onTrial: boolean },
): Promise<readonly number[]> {
  const states = (await tx.runningRollouts()).map(stateOf);
  if (states.length === 0 || before === undefined) return [];
  // What is traced beside it is no matter to a rollout.
  const changed = diffFleet(
    { ...before, orders: NO_ORDERS },
    { ...after, ...epeOf(before), orders: NO_ORDERS },
  ).map(({ node }) => node);
  for (const state of states) {
    const { id, from, to } = state;
    const refuse = (why: string): ControllerError =>
      new ControllerError(
        "rollout-running",
        `rollout ${id} from ${from} to ${to} is running, and ${why}; \`vsixctl rollout abort ${id}\`, or wait`,
      );
    if (onTrial) throw refuse("nothing can be on trial beside it");
    const edges = membersOf(state).map(({ edge }) => edge);
    const own = (name: string): boolean => {
      const plane = findNode(before.fabric, name)?.plane ?? findNode(after.fabric, name)?.plane;
      return plane === from || plane === to || edges.includes(name);
    };
    const disturbed = changed.filter(own);
    if (disturbed.length > 0) throw refuse(`this would change ${disturbed.join(", ")}`);
    const lost = edges.filter((edge) => !canReturn(after.fabric, after.intent, state, edge));
    if (lost.length > 0) throw refuse(`${lost.join(", ")} could not go back to ${from} as before`);
    const told = `revision ${after.revision} came into force beside it`;
    await recordChange(tx, state, who, told, context.clock.wallMs());
  }
  return states.map(({ id }) => id);
}

/** Whether an Edge still has both planes, and would be on the one that is left if it were steered as before. */
function canReturn(fabric: Fabric, intent: Intent, state: RolloutState, edge: string): boolean {
  const node = findNode(fabric, edge);
  const planes = planesOf(fabric, edge);
  if (node === undefined || !planes.includes(state.from) || !planes.includes(state.to)) return false;
  const asBefore = withSteers(intent, { ...state, stage: "aborted" });
  return wantedPlane(fabric, asBefore, node) === state.from;
}
