import { compareGain } from "./compare.ts";
import type { Context } from "./context.ts";
import type { DecisionRule, GainArithmetic } from "./decision.ts";
import { beyondLimit } from "./limits.ts";
import type { OverrideMemory } from "./memory.ts";
import { begunAfter } from "./reading.ts";
import { type Row, sideOf } from "./row.ts";
import { say } from "./verdicts.ts";

/** What becomes of an override that is in force. */
export interface OverrideVerdict {
  readonly action: "keep" | "revert";
  readonly rule: DecisionRule;
  readonly comparison: GainArithmetic | undefined;
  /** The move has stood its trial. */
  readonly checked: boolean;
  /** The peer was no gain here and is not tried again for a while. */
  readonly failed: boolean;
  /** Something better may be looked for. */
  readonly open: boolean;
}

/** Cycles after a move from which on harm is believed before the check is over. */
const EARLY_CYCLES = 4;
/** Cycles without data after which it is said that there is none. */
const SILENT_CYCLES = 3;

/** What is the peer's doing here, and may come again: it is remembered. */
const FAILURES: ReadonlySet<DecisionRule> = new Set(["full-size", "peer-silent", "inconsistent"]);

/** Judges one override anew: whether it can stand, whether its move was a gain, whether it still is one. */
export function checkOverride(context: Context, row: Row, override: OverrideMemory): OverrideVerdict {
  const impossible = cannotStand(context, row, override);
  if (impossible !== undefined) return revert(impossible, FAILURES.has(impossible));
  const { nowMs, policy } = context.input;
  const { current, bgp, vantage } = row;
  const [to, from] = [sideOf(context, row, current), sideOf(context, row, bgp)];
  const newestMs = vantage?.order.beganMs[to?.figures.newest ?? -1];
  if (nowMs - Math.max(newestMs ?? 0, override.dataMs) > policy.numbers.ageCycles * policy.cycleMs)
    return revert("aged-out");
  const fresh = newestMs !== undefined && nowMs - newestMs <= SILENT_CYCLES * policy.cycleMs;
  if (!fresh || vantage === undefined || to === undefined || from === undefined || row.blocked !== undefined)
    return keep("keeps-without-data", override.checked, undefined, false);
  if (bgp === current) {
    const long = nowMs - override.sinceMs >= policy.numbers.holdS * 1000;
    return long ? revert("bgp-agrees") : keep("keeps", override.checked, undefined, false);
  }
  const { view, order } = vantage;
  const { objective } = row.traffic;
  const { numbers } = policy;
  const compare = (afterMs: number | undefined, overMs: number): GainArithmetic =>
    compareGain(view, order, from, to, {
      objective,
      numbers,
      overMs,
      calmMs: context.calmMs(bgp ?? -1, current ?? -1),
      prior: context.lossPrior(vantage),
      to: "stay",
      ...(afterMs === undefined ? {} : { afterMs }),
    });
  // A move for a gain must be one; any other must not be bought with more than a gain would have to be.
  const floorMs = override.reason === "gain" ? numbers.keepGainMs : -numbers.minimumGainMs;
  if (!override.checked) {
    const held = compare(override.sinceMs, floorMs);
    say(row, current ?? -1, "current", held);
    const after = Math.max(override.sinceMs, context.calmMs(bgp ?? -1, current ?? -1));
    const seen = begunAfter(order, after);
    if (seen >= numbers.checkCycles) {
      // Held out are too few cycles to prove a gain again; the estimate must show it.
      if (held.gainMs < floorMs && override.reason !== "detour")
        return { ...revert("taken-back", true), comparison: held };
      return keep(override.reason, true, held, true);
    }
    // Harm is believed by the newest cycles, whenever they began: a move was not decided by what speaks against it.
    const harm = seen >= EARLY_CYCLES ? held : compare(undefined, floorMs);
    if (harm.gainMs < -numbers.minimumGainMs && override.reason !== "detour")
      return { ...revert("taken-back", true), comparison: held };
    return keep("checking", false, held, false);
  }
  const now = compare(undefined, floorMs);
  say(row, current ?? -1, "current", now);
  // A link was full until just now: what round trips are without that is not known yet.
  if (now.cycles < EARLY_CYCLES && now.lossMs >= 0) return keep("keeps-without-data", true, now, false);
  if (override.reason === "detour") return keep("detour", true, now, false);
  if (beyondLimit(objective, to, true) !== undefined && beyondLimit(objective, from, true) === undefined)
    return { ...revert("beyond-limit", true), comparison: now };
  const stillBroken = override.reason === "limit" && beyondLimit(objective, from, false) !== undefined;
  if (!stillBroken && now.gainMs < floorMs)
    return { ...revert("gain-gone", now.lossMs < 0), comparison: now };
  return keep(override.reason, true, now, true);
}

/** What takes an override back at once, whatever it gains. */
function cannotStand(context: Context, row: Row, override: OverrideMemory): DecisionRule | undefined {
  const { current, traffic, routes, bgp, blocked, vantage } = row;
  if (current === undefined) return "not-asked";
  if (blocked === "excluded") return "policy";
  if (blocked === "inconsistent") return "inconsistent";
  const { policy } = context.input;
  const gone = context.states[current]?.gone;
  if (gone !== undefined) return gone;
  const route = routes.byPeer[current];
  if (route === undefined && policy.unannounced === "never") return "withdrawn";
  if (route?.filtered === true || traffic.ranks[current] === 2) return "policy";
  const figures = sideOf(context, row, current)?.figures;
  if (policy.fullSize > 0 && (figures?.full === "too-big" || figures?.full === "lost")) return "full-size";
  const other = bgp === current ? undefined : sideOf(context, row, bgp)?.figures;
  const fresh = (vantage?.order.beganMs[figures?.asked ?? -1] ?? 0) > override.sinceMs;
  return fresh && figures?.silent === true && other !== undefined && !other.silent && other.cycles > 0
    ? "peer-silent"
    : undefined;
}

function revert(rule: DecisionRule, failed = false): OverrideVerdict {
  return { action: "revert", rule, comparison: undefined, checked: false, failed, open: false };
}

function keep(
  rule: DecisionRule,
  checked: boolean,
  comparison: GainArithmetic | undefined,
  open: boolean,
): OverrideVerdict {
  return { action: "keep", rule, comparison, checked, failed: false, open };
}
