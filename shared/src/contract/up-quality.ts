import { type Static, Type } from "@sinclair/typebox";

/** Echoes to one target that one window can hold: at 20 ms there are 50 in a second, and a late timer adds one. */
export const MAX_WINDOW_ECHOES = 64;

/**
 * Topic `quality`, every second, not retained: what became of the echoes that a node sent in one window. A window is told
 * once each echo of it was answered or a second old, so one to two seconds after its beginning.
 */
export const Quality = Type.Object({
  version: Type.Literal(1),
  node: Type.String(),
  /** Random at each start of the agent: windows are counted from 1 again. */
  instance: Type.String({ maxLength: 64 }),
  /** Grows by one a window. */
  window: Type.Integer({ minimum: 1 }),
  /** Beginning of the window, milliseconds of the node's wall clock; for people. */
  startMs: Type.Number(),
  /** From the window's beginning to this message, on a clock that never jumps. */
  ageMs: Type.Number({ minimum: 0, maximum: 600_000 }),
  lengthMs: Type.Integer({ minimum: 1, maximum: 60_000 }),
  /** Between echoes to one target as it really was: longer than asked for where the budget stretched it. */
  intervalMs: Type.Number({ minimum: 1 }),
  /** Targets that are measured at all; those below were due in this window. */
  measured: Type.Integer({ minimum: 0 }),
  targets: Type.Array(
    Type.Object({
      name: Type.String({ maxLength: 63 }),
      address: Type.String({ maxLength: 64 }),
      sent: Type.Integer({ minimum: 0, maximum: MAX_WINDOW_ECHOES }),
      /** Not answered within a second; those that could not even leave are among them. */
      lost: Type.Integer({ minimum: 0, maximum: MAX_WINDOW_ECHOES }),
      /** Of the lost, those that this node's own kernel refused to send. */
      unsent: Type.Integer({ minimum: 0, maximum: MAX_WINDOW_ECHOES }),
      /** Answers to any earlier echo that came after its second, since the window before. */
      late: Type.Integer({ minimum: 0 }),
      /** Microseconds, in the order of sending; -1 is a lost one. */
      rttsUs: Type.Array(Type.Integer({ minimum: -1, maximum: 1_000_000 }), { maxItems: MAX_WINDOW_ECHOES }),
    }),
    { maxItems: 4096 },
  ),
});
export type Quality = Static<typeof Quality>;
