import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { api, dataOf } from "../../api/client.ts";
import { useEvents } from "../../api/live.ts";
import type { Application } from "../../api/types.ts";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: () => dataOf(api.GET("/v1/me")),
});

/** What a user proves himself with beside his password. */
export const proofsQuery = queryOptions({
  queryKey: ["proofs"],
  queryFn: () => dataOf(api.GET("/v1/portal/proofs")),
});

export const ownApplicationsQuery = queryOptions({
  queryKey: ["me", "applications"],
  queryFn: () => dataOf(api.GET("/v1/me/applications")),
});

/** How often the way is asked for anew, milliseconds. */
const PATHS_MS = 15_000;

export const ownPathsQuery = queryOptions({
  queryKey: ["me", "paths"],
  queryFn: () => dataOf(api.GET("/v1/me/paths")),
  refetchInterval: PATHS_MS,
});

/** Keeps the user's applications as the controller tells them, for as long as the page is shown. */
export function useOwnApplicationsLive(): void {
  const client = useQueryClient();
  useEvents("/v1/me/events", ["applications"], (_type, data) => {
    // Of the same route's own making as the answer of the query.
    const { applications } = data as { readonly applications: Application[] };
    client.setQueryData(ownApplicationsQuery.queryKey, { applications });
    void client.invalidateQueries({ queryKey: ownPathsQuery.queryKey });
  });
}
