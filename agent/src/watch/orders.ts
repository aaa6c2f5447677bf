import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import type { PathWatch } from "@vsix/shared/paths/path-watch.ts";
import type { SilenceRule } from "@vsix/shared/paths/silences.ts";
import type { Verdict } from "@vsix/shared/paths/verdict.ts";
import type { WatchState } from "@vsix/shared/paths/watch-state.ts";
import type { ControlHandler } from "../io/control-socket.ts";

/** What an operator asks of a running watch, a line of JSON over its socket. */

const who = { by: Type.String({ maxLength: 256 }), note: Type.String({ maxLength: 1024 }) };
const target = Type.String({ minLength: 1, maxLength: 63 });

export const WatchOrder = Type.Union([
  Type.Object({ do: Type.Literal("list") }),
  Type.Object({ do: Type.Literal("ack"), target, ...who }),
  /** "*" is every target. */
  Type.Object({ do: Type.Literal("silence"), target, forMs: Type.Number({ minimum: 1000 }), ...who }),
  Type.Object({ do: Type.Literal("unsilence"), target }),
]);
export type WatchOrder = Static<typeof WatchOrder>;

/** A path without its traces. */
export interface ListedPath {
  readonly state: WatchState;
  readonly last?: { readonly at: number; readonly verdict: Verdict };
}

export interface WatchList {
  readonly paths: readonly ListedPath[];
  readonly silences: readonly SilenceRule[];
}

/** An order that cannot be carried out. */
export class OrderError extends VsixError<"bad-order" | "unknown-path" | "path-well" | "not-silenced"> {}

export interface OrdersOptions {
  readonly watch: PathWatch;
  /** Name of this machine. */
  readonly source: string;
  readonly wallMs: () => number;
  /** Something was ordered that is to be remembered. */
  readonly changed: () => void;
}

/** Carries out orders. The reply to `list` is a {@link WatchList}, to others null; refusals are {@link OrderError}. */
export function orderHandler(options: OrdersOptions): ControlHandler {
  return async (line) => {
    const order = readOrder(line);
    const at = options.wallMs();
    if (order.do === "list") return listOf(options.watch, at);
    carryOut(order, at, options);
    options.changed();
    return null;
  };
}

function readOrder(line: string): WatchOrder {
  try {
    const value: unknown = JSON.parse(line);
    if (Value.Check(WatchOrder, value)) return value;
  } catch {
    // Said below.
  }
  throw new OrderError("bad-order", "this is no order that a watch knows");
}

function carryOut(
  order: Exclude<WatchOrder, { do: "list" }>,
  at: number,
  { watch, source }: OrdersOptions,
): void {
  const { target } = order;
  const known = watch.list(at).map(({ state }) => state.target);
  if (order.do === "unsilence") {
    if (watch.endSilence(source, target)) return;
    throw new OrderError("not-silenced", `no silence is of ${target}`);
  }
  if (!known.includes(target) && !(order.do === "silence" && target === "*"))
    throw new OrderError(
      "unknown-path",
      `no path to ${target} is watched; there are: ${known.slice(0, 10).join(", ")}`,
    );
  const { by, note } = order;
  if (order.do === "silence") {
    if (!watch.silence({ source, target, by, until: at + order.forMs, reason: note }))
      throw new OrderError("bad-order", "there are too many silences; end some of them");
  } else if (watch.acknowledge(source, target, by, at, note) !== "acknowledged")
    throw new OrderError("path-well", `nobody was told that the path to ${target} is wrong`);
}

function listOf(watch: PathWatch, at: number): unknown {
  const list: WatchList = {
    paths: watch.list(at),
    silences: watch.silences.filter(({ until }) => at < until),
  };
  return JSON.parse(JSON.stringify(list, (key, value: unknown) => (key === "trace" ? undefined : value)));
}
