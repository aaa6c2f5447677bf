import { won } from "./accounts.ts";
import type { Context } from "./context.ts";
import type { Draft } from "./draft.ts";
import type { EpeAccounts, OverrideMemory, RowMemory } from "./memory.ts";
import { sideOf } from "./row.ts";

/** What is remembered of one row, and what there is to count. */
export interface Remembered {
  readonly memory: RowMemory | undefined;
  readonly accounts: Partial<EpeAccounts>;
}

export const NOTHING: Remembered = { memory: undefined, accounts: {} };

export function remember(context: Context, draft: Draft): Remembered {
  const { nowMs } = context.input;
  const { row, action } = draft;
  const { before } = row;
  if (before === undefined && action === "bgp") return NOTHING;
  const counted = countOverride(context, draft);
  const failures = failuresOf(context, draft);
  if (action === "move" && draft.peer !== undefined && draft.reason !== undefined) {
    const [from, to] = [nameOf(context, row.current), nameOf(context, draft.peer)];
    const { rttMs } = sideOf(context, row, draft.peer)?.figures ?? {};
    const override: OverrideMemory = {
      peer: to,
      reason: draft.reason,
      sinceMs: nowMs,
      from,
      gainMs: draft.comparison?.gainMs ?? 0,
      ...(rttMs === undefined ? {} : { rttMs }),
      checked: false,
      dataMs: nowMs,
      countedMs: nowMs,
    };
    const memory = { override, changedMs: nowMs, changed: { from, to }, failures };
    return { memory, accounts: { ...counted.accounts, moves: 1 } };
  }
  const override = before?.override;
  if (action === "keep" && override !== undefined) {
    const newestMs = row.vantage?.order.beganMs[sideOf(context, row, row.current)?.figures.newest ?? -1] ?? 0;
    const next = {
      ...override,
      checked: draft.checked,
      dataMs: Math.max(override.dataMs, newestMs),
      countedMs: counted.countedMs,
    };
    const kept = draft.checked && !override.checked ? 1 : 0;
    return {
      memory: { ...before, changedMs: before?.changedMs ?? nowMs, override: next, failures },
      accounts: { ...counted.accounts, kept },
    };
  }
  if (action === "revert" && override !== undefined) {
    const changed = { from: override.peer, to: nameOf(context, row.bgp) };
    const back = draft.rule === "taken-back" ? { takenBack: 1 } : { reverted: 1 };
    return { memory: { changedMs: nowMs, changed, failures }, accounts: { ...counted.accounts, ...back } };
  }
  if (before === undefined) return NOTHING;
  // Forgotten once nothing in it matters any more.
  const { override: _, ...rest } = before;
  const { rememberMaxS } = context.input.policy.numbers;
  const old = nowMs - before.changedMs > rememberMaxS * 1000 && Object.keys(failures).length === 0;
  return { memory: old ? undefined : { ...rest, failures }, accounts: {} };
}

function countOverride(
  context: Context,
  { row }: Draft,
): {
  readonly countedMs: number;
  readonly accounts: Partial<EpeAccounts>;
} {
  const override = row.before?.override;
  if (override === undefined) return { countedMs: 0, accounts: {} };
  const [bgp, taken] = [sideOf(context, row, row.bgp), sideOf(context, row, row.current)];
  const { countedMs } = override;
  if (bgp === undefined || taken === undefined || row.vantage === undefined)
    return { countedMs, accounts: {} };
  const afterMs = Math.max(countedMs, override.sinceMs);
  const { countedMs: upTo, ...accounts } = won(
    row.vantage,
    row.traffic.objective,
    bgp.figures,
    taken.figures,
    afterMs,
  );
  return { countedMs: Math.max(countedMs, upTo), accounts };
}

function failuresOf({ input: { policy, nowMs } }: Context, { row, failed }: Draft): RowMemory["failures"] {
  const { rememberS, rememberMaxS } = policy.numbers;
  const kept = Object.entries(row.before?.failures ?? {}).filter(
    ([, { untilMs }]) => nowMs - untilMs <= rememberMaxS * 1000,
  );
  const failures = Object.fromEntries(kept);
  const peer = row.before?.override?.peer;
  if (!failed || peer === undefined) return failures;
  const count = (failures[peer]?.count ?? 0) + 1;
  const forS = Math.min(rememberMaxS, rememberS * 2 ** Math.min(20, count - 1));
  return { ...failures, [peer]: { count, untilMs: nowMs + forS * 1000 } };
}

function nameOf({ input }: Context, peer: number | undefined): string {
  return input.policy.peers[peer ?? -1]?.name ?? "";
}
