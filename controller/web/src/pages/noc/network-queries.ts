import { queryOptions } from "@tanstack/react-query";
import { api, dataOf } from "../../api/client.ts";

export const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: () => dataOf(api.GET("/v1/status")),
});

/** Events (http/events.ts) after which the status may be another. */
export const STATUS_EVENTS = ["presence", "report", "plane", "commit"] as const;

/** Of 500 nodes somebody says something all the time: the status is read no more often than this, milliseconds. */
export const STATUS_GATHER_MS = 1000;

/** While a rollout runs, its judge's figures move without an event, milliseconds. */
const RUNNING_MS = 3000;

export const rolloutsQuery = queryOptions({
  queryKey: ["rollouts"],
  queryFn: () => dataOf(api.GET("/v1/rollouts", { params: { query: { limit: 100 } } })),
  refetchInterval: ({ state: { data } }) =>
    data?.rollouts.some(({ endedAt }) => endedAt === null) === true ? RUNNING_MS : false,
});

export const topologyQuery = queryOptions({
  queryKey: ["topology"],
  queryFn: () => dataOf(api.GET("/v1/topology")),
  staleTime: 60_000,
});

/** Counters come without an event, milliseconds. */
const LOADS_MS = 5000;

export const loadsQuery = queryOptions({
  queryKey: ["topology-loads"],
  queryFn: () => dataOf(api.GET("/v1/topology/loads")),
  refetchInterval: LOADS_MS,
});

export const pathsQuery = queryOptions({
  queryKey: ["paths"],
  queryFn: () => dataOf(api.GET("/v1/paths")),
});

export const epeQuery = queryOptions({
  queryKey: ["epe"],
  queryFn: () => dataOf(api.GET("/v1/epe")),
});

export const epeHistoryQuery = queryOptions({
  queryKey: ["epe-history"],
  queryFn: () => dataOf(api.GET("/v1/epe/history", { params: { query: { limit: 100 } } })),
});

/** While a rollout runs its evidence grows, milliseconds. */
const EVIDENCE_MS = 4000;

export const rolloutQuery = (id: number) =>
  queryOptions({
    queryKey: ["rollout", String(id)],
    queryFn: () => dataOf(api.GET("/v1/rollouts/{id}/evidence", { params: { path: { id } } })),
    refetchInterval: ({ state: { data } }) => (data?.rollout.endedAt === null ? EVIDENCE_MS : false),
  });

export const distributionsQuery = queryOptions({
  queryKey: ["distributions"],
  queryFn: () => dataOf(api.GET("/v1/measure/distributions", { params: { query: { lastS: 60 } } })),
  refetchInterval: 5000,
});

/** How the machine is comes without an event, milliseconds. */
const MACHINE_MS = 15_000;

export const nodeQuery = (name: string) =>
  queryOptions({
    queryKey: ["node", name],
    queryFn: () => dataOf(api.GET("/v1/nodes/{name}", { params: { path: { name } } })),
    refetchInterval: MACHINE_MS,
  });

export const destinationsQuery = queryOptions({
  queryKey: ["epe-destinations"],
  queryFn: () => dataOf(api.GET("/v1/epe/destinations", { params: { query: { limit: 200 } } })),
});

export const explainQuery = (destination: string) =>
  queryOptions({
    queryKey: ["epe-explain", destination],
    queryFn: () => dataOf(api.GET("/v1/epe/explain", { params: { query: { destination } } })),
  });

/** A cycle is no shorter than this, milliseconds. */
const COURSE_MS = 15_000;

export const courseQuery = (destination: string) =>
  queryOptions({
    queryKey: ["epe-course", destination],
    queryFn: () => dataOf(api.GET("/v1/epe/course", { params: { query: { destination } } })),
    refetchInterval: COURSE_MS,
  });

export const destinationHistoryQuery = (destination: string) =>
  queryOptions({
    queryKey: ["epe-history", destination],
    queryFn: () => dataOf(api.GET("/v1/epe/history", { params: { query: { limit: 100, destination } } })),
  });
