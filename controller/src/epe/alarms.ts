import { stripped } from "@vsix/shared/paths/words.ts";
import { timestamp } from "../clock.ts";
import type { EpeMode } from "../core/epe/in-force.ts";
import type { Context } from "../operations/context.ts";
import type { StoreTransaction } from "../store/transaction.ts";
import { eventOf, type NewEpeEvent } from "./events.ts";

/** Conditions that a router has of an override: what it cannot make, what is missing in its kernel, what it was told to leave off. */
export function isAboutOverrides(object: string): boolean {
  return /^(overrides?|epe)\b/.test(object);
}

/** Something that is wrong now, and that somebody should look at. */
export interface EpeAlarm {
  /** Where; the controller's own name is `controller`. */
  readonly node: string;
  readonly object: string;
  readonly reason: string;
}

/** Alarms that stand at once; more are one too many to read. */
const MAX_ALARMS = 200;
const MAX_WORDS = 400;

/**
 * What routers say that stands otherwise than it should, or was changed by somebody else and put back; and why nothing is decided. What
 * merely waits, for a peer or a locator, is no alarm.
 */
export function alarmsNow(
  { desired, fleet }: Pick<Context, "desired" | "fleet">,
  mode: EpeMode,
  fault: string | undefined,
): readonly EpeAlarm[] {
  if (mode === "off") return [];
  const own = fault === undefined ? [] : [{ node: "controller", object: "epe", reason: fault }];
  const told = (desired.inForce?.fabric.nodes ?? []).flatMap(({ name }) =>
    (fleet.node(name).report?.value.conditions ?? [])
      .filter(({ object, state }) => isAboutOverrides(object) && state !== "pending")
      .map(({ object, reason }) => ({
        node: name,
        object: stripped(object, MAX_WORDS),
        reason: stripped(reason, MAX_WORDS),
      })),
  );
  return [...own, ...told].slice(0, MAX_ALARMS);
}

const keyOf = ({ node, object }: EpeAlarm): string => `${node} ${object}`;

/** Which alarms have begun and ended since the last look; what stood before a restart of the controller stands still. */
export class AlarmLog {
  #open: readonly EpeAlarm[] | undefined;

  /** Writes down what has changed; nothing where nothing has. Throws ControllerError `store`, and then has it still to do. */
  async look(context: Context, now: readonly EpeAlarm[], keep: number): Promise<void> {
    const { store, clock } = context;
    this.#open ??= readAlarms(await store.read.epeState("alarms"));
    const before = new Map(this.#open.map((alarm) => [keyOf(alarm), alarm]));
    const after = new Map(now.map((alarm) => [keyOf(alarm), alarm]));
    const at = timestamp(clock.wallMs());
    const event = (change: "begins" | "ends", alarm: EpeAlarm): NewEpeEvent =>
      eventOf(at, "", { kind: "alarm", change, ...alarm });
    const events = [
      ...[...after].filter(([key]) => !before.has(key)).map(([, alarm]) => event("begins", alarm)),
      ...[...before].filter(([key]) => !after.has(key)).map(([, alarm]) => event("ends", alarm)),
    ];
    if (events.length === 0) return;
    await store.transaction(async (tx: StoreTransaction) => {
      await tx.putEpeState("alarms", JSON.stringify([...after.values()]));
      await tx.addEpeEvents(events, keep);
    });
    this.#open = [...after.values()];
  }
}

/** Of our own database. */
function readAlarms(text: string | undefined): readonly EpeAlarm[] {
  try {
    const value: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(value) ? (value as readonly EpeAlarm[]) : [];
  } catch {
    return [];
  }
}
