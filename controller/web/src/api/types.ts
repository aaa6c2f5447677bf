import type { paths } from "../gen/api.ts";

type Get<P extends keyof paths> = paths[P] extends {
  get: { responses: { 200: { content: { "application/json": infer T } } } };
}
  ? T
  : never;

export type Session = NonNullable<Get<"/v1/portal/door">["session"]>;
export type Scope = Session["scopes"][number];
export type OpenSession = Get<"/v1/portal/sessions">["sessions"][number];
export type Passkey = NonNullable<Get<"/v1/portal/proofs">["passkeys"]>[number];
export type Me = Get<"/v1/me">;
export type OwnPath = Get<"/v1/me/paths">["paths"][number];
export type Application = Get<"/v1/me/applications">["applications"][number];
export type Status = Get<"/v1/status">;
export type NodeStatus = Status["nodes"][number];
export type Rollout = Get<"/v1/rollouts">["rollouts"][number];
export type Topology = Get<"/v1/topology">;
export type Loads = Get<"/v1/topology/loads">;
export type Epe = Get<"/v1/epe">;
export type EpeRow = Get<"/v1/epe/history">["rows"][number];
export type EpeCourse = Get<"/v1/epe/course">;
export type WatchedPath = Get<"/v1/paths">["paths"][number];
export type RolloutEvents = Get<"/v1/rollouts/{id}/evidence">["events"];
export type Distribution = Get<"/v1/measure/distributions">["distributions"][number];
export type NodeDetail = Get<"/v1/nodes/{name}">;
export type Explanation = Get<"/v1/epe/explain">;
export type AnyApplication = Get<"/v1/applications">["applications"][number];
export type User = Get<"/v1/users">["users"][number];
export type Quota = Get<"/v1/users/{name}">["quotas"][number];
export type Project = Get<"/v1/projects">["projects"][number];
export type ProjectFull = Get<"/v1/projects/{name}">;
export type Token = Get<"/v1/tokens">["tokens"][number];
export type Health = Get<"/v1/health">;
export type Pool = Get<"/v1/pools">["pools"][number];
export type Revisions = Get<"/v1/revisions">;
type Post<P extends keyof paths> = paths[P] extends {
  post: { responses: { 200: { content: { "application/json": infer T } } } };
}
  ? T
  : never;
export type ApplyAnswer = Post<"/v1/fabric">;
export type PathDetail = Get<"/v1/paths/one">;
export type DnsOutcomes = Get<"/v1/dns/outcomes">;
