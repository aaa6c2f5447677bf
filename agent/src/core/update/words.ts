import type { UpdateState } from "./plan.ts";

/** In words. */
export function lineOf({ phase, from, to, before, withinMs, reason }: UpdateState): string {
  switch (phase) {
    case "installing":
      return `installing ${to} in place of ${from}; ${before.length} things are reached now`;
    case "probation":
      return `${to} runs on probation: ${from} comes back unless all ${before.length} are reached within ${withinMs / 1000} s`;
    case "returning":
      return `${to} does not stay, ${from} is put back: ${reason ?? ""}`;
    case "kept":
      return `${to} stays in place of ${from}: all ${before.length} things that were reached before are reached`;
    case "returned":
      return `${from} runs again; ${to} did not stay: ${reason ?? ""}`;
  }
}
