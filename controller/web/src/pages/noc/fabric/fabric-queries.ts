import { queryOptions } from "@tanstack/react-query";
import { api, dataOf } from "../../../api/client.ts";

export const revisionsQuery = queryOptions({
  queryKey: ["revisions"],
  queryFn: () => dataOf(api.GET("/v1/revisions", { params: { query: { limit: 100 } } })),
});

export const revisionQuery = (revision: number) =>
  queryOptions({
    queryKey: ["revision", String(revision)],
    queryFn: () => dataOf(api.GET("/v1/revisions/{revision}", { params: { path: { revision } } })),
    // What was written stays as it was written.
    staleTime: Number.POSITIVE_INFINITY,
  });

export const trialQuery = queryOptions({
  queryKey: ["trial"],
  queryFn: () => dataOf(api.GET("/v1/trial")),
});
