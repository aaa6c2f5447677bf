import { type EventNotice, isEventKind } from "./notice.ts";
import type { Waiting } from "./notifier.ts";

/** What had not arrived when the sender ended, from its own JSON. What is no such thing is left out. */
export function readWaiting(value: unknown): Waiting {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, notices]) => [
      name,
      (Array.isArray(notices) ? notices : []).filter(isKept),
    ]),
  );
}

function isKept(value: unknown): value is EventNotice {
  const { kind, id, at, event } = (value ?? {}) as Partial<EventNotice>;
  return isEventKind(kind) && typeof id === "string" && typeof at === "number" && event !== undefined;
}
