import type { BadPath, Decision, EpeOutcome } from "../core/epe/decision.ts";
import type { EpeMode } from "../core/epe/in-force.ts";
import { type EpeMemory, rowKey } from "../core/epe/memory.ts";
import { explain } from "../core/epe/words.ts";
import type { EpeEventTable } from "../store/schema.ts";

/** What happened, as it is kept: small, and in words, for who reads it later knows no code. */
export type EpeEventBody =
  | { readonly kind: "mode"; readonly mode: EpeMode; readonly who: string; readonly note: string }
  | { readonly kind: "destinations"; readonly count: number; readonly refused: number }
  | {
      readonly kind: "move" | "revert";
      readonly node: string;
      readonly className: string;
      readonly from: string | null;
      readonly to: string | null;
      readonly rule: string;
      /** False while it only observes. */
      readonly done: boolean;
      readonly words: readonly string[];
    }
  | { readonly kind: "bad-path"; readonly what: BadPath }
  | {
      readonly kind: "alarm";
      readonly change: "begins" | "ends";
      readonly node: string;
      readonly object: string;
      readonly reason: string;
    };

export type NewEpeEvent = Omit<EpeEventTable, "id">;

/** Of one decision at most so many moves are kept one by one. */
const MAX_EVENTS = 1000;

export function eventOf(at: string, prefix: string, body: EpeEventBody): NewEpeEvent {
  return { at, kind: body.kind, prefix, body: JSON.stringify(body) };
}

export interface EventContext {
  readonly at: string;
  readonly fullSize: number;
  readonly done: boolean;
  /** What was in force before the decision. */
  readonly before: Pick<EpeMemory, "rows">;
}

/** What one decision moved, took back and found out. */
export function eventsOf(outcome: EpeOutcome, context: EventContext): readonly NewEpeEvent[] {
  const { at } = context;
  const changes = outcome.decisions.filter(({ action }) => action === "move" || action === "revert");
  return [
    ...changes.slice(0, MAX_EVENTS).map((decision) => changeOf(decision, context)),
    ...outcome.events
      .slice(0, MAX_EVENTS)
      .map((what) => eventOf(at, what.prefix, { kind: "bad-path", what })),
  ];
}

function changeOf(decision: Decision, { at, fullSize, done, before }: EventContext): NewEpeEvent {
  const { node, className, prefix, action, rule, peer, bgp } = decision;
  const left = before.rows.get(rowKey(node, className, prefix))?.override?.peer;
  return eventOf(at, prefix, {
    kind: action === "move" ? "move" : "revert",
    node,
    className,
    from: left ?? bgp ?? null,
    to: (action === "move" ? peer : bgp) ?? null,
    rule,
    done,
    words: explain(decision, fullSize),
  });
}
