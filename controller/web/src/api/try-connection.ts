import type { Outcome, Tries } from "../model/connection-judge.ts";
import { api, dataOf } from "./client.ts";

/** Longer than a handshake that is sent again twice, milliseconds. */
const PATIENCE_MS = 8000;
const UP_OCTETS = 48 * 1024;

/** Tries everything that a browser can, at once. Throws ApiError where the controller cannot be asked at all. */
export async function tryConnection(): Promise<Tries> {
  const seen = await dataOf(api.GET("/v1/me/connection"));
  const urls = (kind: "ipv6" | "translated") => seen.pages.filter((page) => page.kind === kind);
  const [ipv6, translated, down, up] = await Promise.all([
    anyOf(urls("ipv6").map(({ url }) => fetchAcross(url))),
    anyOf(urls("translated").map(({ url }) => fetchAcross(url))),
    outcomeOf(api.GET("/v1/me/connection/load", { signal: AbortSignal.timeout(PATIENCE_MS) })),
    outcomeOf(
      api.POST("/v1/me/connection/load", {
        body: { filler: "x".repeat(UP_OCTETS) },
        signal: AbortSignal.timeout(PATIENCE_MS),
      }),
    ),
  ]);
  return { seen, ipv6, translated, down, up };
}

/** What another site answers is not for us to read; that it answers is what is asked. */
function fetchAcross(url: string): Promise<Response> {
  return fetch(url, {
    mode: "no-cors",
    cache: "no-store",
    credentials: "omit",
    referrerPolicy: "no-referrer",
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
}

async function outcomeOf(tried: Promise<unknown>): Promise<Outcome> {
  return tried.then(
    () => "worked",
    () => "failed",
  );
}

/** One that answers is enough: others may have trouble of their own. */
async function anyOf(tried: readonly Promise<unknown>[]): Promise<Outcome> {
  if (tried.length === 0) return "none";
  const outcomes = await Promise.all(tried.map(outcomeOf));
  return outcomes.includes("worked") ? "worked" : "failed";
}
