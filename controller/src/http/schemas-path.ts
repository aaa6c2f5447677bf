import { type Static, Type } from "@sinclair/typebox";
import { TraceBody } from "@vsix/shared/contract/up-trace.ts";

/** Bodies and answers of routes-path.ts. */

const Name = Type.String({ pattern: "^[a-z0-9-]{1,63}$" });

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
