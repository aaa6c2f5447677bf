import type { ApplicationAnswer } from "@vsix/controller/http/schemas-account.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { echoes } from "../services/users.ts";

/** Milliseconds until echoes from a node to the address come back, or no longer do; -1: not within `patienceMs`. */
export async function timeEchoes(
  context: ScenarioContext,
  from: string,
  address: string,
  come: boolean,
  patienceMs: number,
): Promise<number> {
  const begunMs = performance.now();
  while (performance.now() - begunMs < patienceMs) {
    if ((await echoes(context.lab, from, address)) === come) return Math.round(performance.now() - begunMs);
  }
  return -1;
}

/** Long enough for what passes to be seen, milliseconds. */
const LOOK_MS = 200;
const LOOK_RATE_PER_S = 200;

/**
 * Waits until nothing that `source` sends comes through: echoes end with the first of several routers that lets go, and what he sends
 * may pass another one for a moment more. Milliseconds; -1: something still came after `patienceMs`.
 */
export async function timeUntilCut(
  context: ScenarioContext,
  host: string,
  to: string,
  source: string,
  patienceMs: number,
): Promise<number> {
  const begunMs = performance.now();
  while (performance.now() - begunMs < patienceMs) {
    const look = await context.flow(host, to, LOOK_RATE_PER_S, { source, label: "is he cut off?" });
    await context.sleep(LOOK_MS);
    const { sent, received } = await look.stop();
    if (sent > 0 && received === 0) return Math.round(performance.now() - begunMs);
  }
  return -1;
}

/** Waits until these routers say that they serve an application; a failure when they do not. */
export async function waitServed(
  context: ScenarioContext,
  id: number,
  routers: readonly string[],
): Promise<void> {
  let seen: ApplicationAnswer["routers"] = [];
  for (let attempt = 0; attempt < 600; attempt++) {
    seen = (await context.ask<ApplicationAnswer>(`/v1/applications/${id}`)).routers;
    if (routers.every((name) => seen.some(({ router, state }) => router === name && state === "served")))
      return;
    await context.sleep(100);
  }
  context.check(
    false,
    `application ${id} is not served by ${routers.join(" and ")}: ${JSON.stringify(seen)}`,
  );
}

export type UserUse = NonNullable<ApplicationAnswer["use"]>;

/**
 * An application once what is counted of it satisfies, or as it is after a minute: routers tell their counts in rounds of
 * fifteen seconds (agent/src/loop/access-telling.ts), which a quick machine outruns.
 */
export async function waitCounted(
  context: ScenarioContext,
  id: number,
  enough: (use: UserUse) => boolean,
): Promise<ApplicationAnswer> {
  for (let look = 0; ; look++) {
    const answer = (await context.ctlJson("application", "show", `${id}`)) as ApplicationAnswer;
    if ((answer.use !== undefined && answer.use !== null && enough(answer.use)) || look === 60) return answer;
    await context.sleep(1_000);
  }
}
