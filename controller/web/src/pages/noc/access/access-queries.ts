import { queryOptions } from "@tanstack/react-query";
import { api, dataOf } from "../../../api/client.ts";

/** More than anybody reads; filters are there for the rest. */
const MOST = 1000;
/** Users' applications change without an event of the network, milliseconds. */
const FRESH_MS = 10_000;

export const applicationsQuery = queryOptions({
  queryKey: ["applications"],
  queryFn: () => dataOf(api.GET("/v1/applications", { params: { query: { limit: MOST } } })),
  refetchInterval: FRESH_MS,
});

export const usersQuery = queryOptions({
  queryKey: ["users"],
  queryFn: () => dataOf(api.GET("/v1/users", { params: { query: { limit: MOST } } })),
});

export const poolsQuery = queryOptions({
  queryKey: ["pools"],
  queryFn: () => dataOf(api.GET("/v1/pools")),
  refetchInterval: FRESH_MS,
});

export const signInQuery = (name: string) =>
  queryOptions({
    queryKey: ["user-sign-in", name],
    queryFn: () => dataOf(api.GET("/v1/users/{name}/sign-in", { params: { path: { name } } })),
  });

export const userQuery = (name: string) =>
  queryOptions({
    queryKey: ["user", name],
    queryFn: () => dataOf(api.GET("/v1/users/{name}", { params: { path: { name } } })),
  });

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: () => dataOf(api.GET("/v1/projects")),
});

export const projectQuery = (name: string) =>
  queryOptions({
    queryKey: ["project", name],
    queryFn: () => dataOf(api.GET("/v1/projects/{name}", { params: { path: { name } } })),
  });
