import { queryOptions } from "@tanstack/react-query";
import { api, dataOf } from "../../../api/client.ts";

export const expectedQuery = queryOptions({
  queryKey: ["paths-expected"],
  queryFn: () => dataOf(api.GET("/v1/paths/expected")),
});

export const pathQuery = (source: string, target: string) =>
  queryOptions({
    queryKey: ["path", source, target],
    queryFn: () => dataOf(api.GET("/v1/paths/one", { params: { query: { source, target } } })),
  });

export interface PathName {
  readonly source: string;
  readonly target: string;
}

export const pathEventsQuery = (of: PathName | undefined) =>
  queryOptions({
    queryKey: ["path-events", of?.source ?? "", of?.target ?? ""],
    queryFn: () => dataOf(api.GET("/v1/paths/events", { params: { query: { limit: 100, ...of } } })),
  });
