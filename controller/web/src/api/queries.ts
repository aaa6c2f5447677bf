import { QueryClient, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useRef } from "react";
import { ApiError, api, dataOf, onSignedOut } from "./client.ts";
import { OPENED, useEvents } from "./live.ts";
import type { Scope, Session } from "./types.ts";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal is an answer; only what did not arrive is asked for again.
      retry: (failures, error) => error instanceof ApiError && error.code === "network" && failures < 3,
    },
    mutations: { retry: false },
  },
});

export const doorQuery = queryOptions({
  queryKey: ["door"],
  queryFn: () => dataOf(api.GET("/v1/portal/door")),
  staleTime: 60_000,
});

/** A session that was just opened or changed: pages show it before they ask anew. */
export function keepSession(client: QueryClient, session: Session): void {
  client.setQueryData(doorQuery.queryKey, (before) => ({
    provider: before?.provider ?? null,
    passkeys: before?.passkeys ?? false,
    session,
  }));
}

/** Who is signed in; null: nobody; undefined: not known yet. */
export function useSession(): Session | null | undefined {
  const client = useQueryClient();
  useEffect(
    () => onSignedOut(() => void client.invalidateQueries({ queryKey: doorQuery.queryKey })),
    [client],
  );
  return useQuery(doorQuery).data?.session;
}

/** Whether the page may show what needs this; the controller decides in the end. */
export function may(session: Session, needs: Scope): boolean {
  return session.scopes.includes(needs) || session.scopes.includes("admin");
}

/** Whether who is signed in may do what needs this. */
export function useMay(needs: Scope): boolean {
  const session = useSession();
  return session !== null && session !== undefined && may(session, needs);
}

/** How long after an event what it concerns is read anew, milliseconds: many come together. */
const GATHER_MS = 300;

/**
 * Reads `queryKey` anew when one of these events of the network comes, and whenever the stream begins again. What is being read is
 * never given up for it: where events come faster than answers, no answer would ever be shown.
 */
export function useRefreshOn(
  queryKey: readonly string[],
  types: readonly string[],
  gatherMs: number = GATHER_MS,
): void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const refresh = useEffectEvent(() => {
    timer.current = undefined;
    if (client.isFetching({ queryKey }) > 0) later();
    else void client.invalidateQueries({ queryKey });
  });
  const later = () => {
    timer.current ??= setTimeout(() => refresh(), gatherMs);
  };
  useEvents("/v1/events", [...types, OPENED], later);
  useEffect(() => () => clearTimeout(timer.current), []);
}
