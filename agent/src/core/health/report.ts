import { HEALTH_LAYERS, type Health, type HealthCheck } from "@vsix/shared/contract/up-health.ts";
import { type Diagnosis, printable } from "./diagnose.ts";
import type { Result } from "./model.ts";

export interface RunFacts {
  readonly node: string;
  readonly instance: string;
  readonly run: number;
  readonly startedMs: number;
  readonly tookMs: number;
}

/** As the contract allows at most. */
const MAX_CHECKS = 256;
const MAX_VERDICTS = 32;
const MAX_US = 600_000_000;

/** A run as it is told: all of it within the contract's bounds, whatever strangers said. */
export function healthReport(
  facts: RunFacts,
  { state, verdicts, layers }: Diagnosis,
  results: readonly Result[],
): Health {
  const { startedMs, tookMs, ...who } = facts;
  return {
    version: 1,
    ...who,
    startedMs: Math.max(0, Math.round(startedMs)),
    tookMs: Math.round(tookMs),
    state,
    verdicts: verdicts.slice(0, MAX_VERDICTS),
    layers: [...layers],
    checks: results
      .toSorted((a, b) => HEALTH_LAYERS.indexOf(a.check.layer) - HEALTH_LAYERS.indexOf(b.check.layer))
      .slice(0, MAX_CHECKS)
      .map(checkOf),
  };
}

function checkOf({ check, state, text, us, lossPercent }: Result): HealthCheck {
  return {
    layer: check.layer,
    subject: printable(subjectOf(check)),
    state,
    text: printable(text),
    ...(us === undefined ? {} : { us: Math.min(MAX_US, Math.round(us)) }),
    ...(lossPercent === undefined ? {} : { lossPercent }),
    ...(check.plane === undefined ? {} : { plane: check.plane }),
  };
}

/** Several checks are about one thing: what each looks at of it is part of its name. */
export function subjectOf({ role, subject, task }: Result["check"]): string {
  switch (role) {
    case "target-trace":
    case "translated-trace":
      return `path to ${subject}`;
    case "translated-echo":
      return `echoes to ${subject}`;
    case "mtu":
      return `sizes to ${subject}`;
    case "dns64":
      return `DNS64 of ${subject}`;
    case "signed":
      return `DNSSEC at ${subject}`;
    case "lookup":
    case "translated-lookup":
      return `resolver ${subject}`;
    case "address":
      return `addresses of ${subject}`;
    case "web":
    case "translated":
      return task.kind === "fetch" ? `${subject} (${task.url})` : subject;
    default:
      return subject;
  }
}
