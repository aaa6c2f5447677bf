import { type Static, Type } from "@sinclair/typebox";
import { TraceBody } from "@vsix/shared/contract/up-trace.ts";
import { FaultBody } from "./schemas.ts";

/** Bodies and answers of routes-path.ts. */

const Name = Type.String({ pattern: "^[a-z][a-z0-9-]{0,62}$" });

export const ExpectedBody = Type.Object(
  {
    text: Type.String({ maxLength: 1024 * 1024 }),
    file: Type.String({ minLength: 1, maxLength: 1024 }),
    note: Type.String({ maxLength: 1024, default: "" }),
    dryRun: Type.Boolean({ default: false }),
  },
  { additionalProperties: false },
);
export type ExpectedBody = Static<typeof ExpectedBody>;

export const ExpectedAnswer = Type.Object({
  dryRun: Type.Boolean(),
  revision: Type.Integer({ description: "Of the file in force afterwards; 0: none." }),
  stored: Type.Boolean(),
  entries: Type.Integer(),
  nodes: Type.Array(
    Type.Object({
      node: Type.String(),
      targets: Type.Integer(),
      flowsPerS: Type.Number({ description: "Flows begun a second, over all targets." }),
    }),
  ),
  changed: Type.Array(Type.String(), { description: "Nodes whose manifest changes." }),
  published: Type.Boolean(),
});
export type ExpectedAnswer = Static<typeof ExpectedAnswer>;

export const ExpectedFileAnswer = Type.Object({
  revision: Type.Integer(),
  file: Type.String(),
  text: Type.String(),
  author: Type.String(),
  note: Type.String(),
  at: Type.String(),
  unfit: Type.Array(FaultBody, { description: "Entries that do not fit the fabric any more." }),
});
export type ExpectedFileAnswer = Static<typeof ExpectedFileAnswer>;

export const LearnBody = Type.Object(
  {
    sources: Type.Array(Name, { maxItems: 1000, default: [] }),
    targets: Type.Array(
      Type.Object({ name: Name, address: Type.String({ maxLength: 64 }) }, { additionalProperties: false }),
      { maxItems: 256, default: [] },
    ),
    flows: Type.Integer({ minimum: 1, maximum: 64, default: 8 }),
    traces: Type.Integer({ minimum: 1, maximum: 20, default: 3 }),
    waitMs: Type.Integer({ minimum: 1000, maximum: 600_000, default: 60_000 }),
    standalone: Type.Boolean({ default: false }),
  },
  { additionalProperties: false },
);
export type LearnBody = Static<typeof LearnBody>;

export const LearnAnswer = Type.Object({
  text: Type.String({ description: "YAML that `path apply` takes." }),
  traces: Type.Integer(),
  missing: Type.Array(Type.Object({ source: Type.String(), target: Type.String() })),
});
export type LearnAnswer = Static<typeof LearnAnswer>;

export const TracesQuery = Type.Object({ source: Type.Optional(Name), target: Type.Optional(Name) });

export const TracesAnswer = Type.Object({
  traces: Type.Array(
    Type.Object({
      ageMs: Type.Integer({ description: "Since it came here." }),
      trace: TraceBody,
    }),
    { description: "The newest of each source and target." },
  ),
  missing: Type.Array(Type.Object({ source: Type.String(), target: Type.String() }), {
    description: "Ordered, and not told of yet.",
  }),
});
export type TracesAnswer = Static<typeof TracesAnswer>;
