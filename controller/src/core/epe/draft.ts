import type { Context } from "./context.ts";
import type { DecisionRule, GainArithmetic } from "./decision.ts";
import type { MoveReason } from "./memory.ts";
import { type Option, optionsOf } from "./options.ts";
import { checkOverride } from "./override-check.ts";
import type { Row } from "./row.ts";

/** A decision in the making: what the row alone would have, then what capacity and caps leave of it. */
export interface Draft {
  readonly row: Row;
  action: "bgp" | "move" | "keep" | "revert";
  rule: DecisionRule;
  /** By override, from now on. */
  peer: number | undefined;
  /** Of a move. */
  reason: MoveReason | undefined;
  comparison: GainArithmetic | undefined;
  readonly checked: boolean;
  /** The peer before was no gain. */
  readonly failed: boolean;
  /** Where it would go, the best first. */
  readonly options: readonly Option[];
}

/** What one row would have, were it alone. */
export function draftOf(context: Context, row: Row): Draft {
  const override = row.before?.override;
  if (override === undefined) {
    const { rule, options } = wishOf(context, row);
    return {
      row,
      action: "bgp",
      rule,
      peer: undefined,
      reason: undefined,
      comparison: undefined,
      checked: false,
      failed: false,
      options,
    };
  }
  const { action, rule, comparison, checked, failed, open } = checkOverride(context, row, override);
  return {
    row,
    action,
    rule,
    peer: action === "keep" ? row.current : undefined,
    reason: override.reason,
    comparison,
    checked,
    failed,
    options: open && !held(context, row) ? optionsOf(context, row) : [],
  };
}

/** Why traffic stays as BGP says, and where it would rather go. */
function wishOf(
  context: Context,
  row: Row,
): { readonly rule: DecisionRule; readonly options: readonly Option[] } {
  if (row.blocked !== undefined) return { rule: row.blocked, options: [] };
  if (row.bgp === undefined) return { rule: "bgp-unknown", options: [] };
  const options = optionsOf(context, row);
  if (options.length === 0) return { rule: "bgp-best", options };
  const urgent = options[0]?.reason === "limit";
  return !urgent && held(context, row) ? { rule: "held", options: [] } : { rule: "cap-prefixes", options };
}

function held({ input: { nowMs, policy } }: Context, { before }: Row): boolean {
  return before !== undefined && nowMs - before.changedMs < policy.numbers.holdS * 1000;
}
