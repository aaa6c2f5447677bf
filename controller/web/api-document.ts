import { createHash } from "node:crypto";

/** The first line of src/gen/api.ts: what it was made of. */
export function apiStamp(document: object): string {
  const hash = createHash("sha256").update(JSON.stringify(document)).digest("hex");
  return `Made by controller/web/generate.ts of the OpenAPI document ${hash.slice(0, 32)}; not to be edited.`;
}

interface Operation {
  responses: Record<string, unknown>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components?: Record<string, unknown>;
}

/**
 * The OpenAPI document as the typed client wants it: only the API, and the shape of refusals once instead of with every route.
 */
export function forClient(document: object): object {
  const { paths, components, ...rest } = structuredClone(document) as Document;
  const api = Object.entries(paths).filter(([path]) => path.startsWith("/v1/"));
  let refused: unknown;
  for (const [, operations] of api) {
    for (const operation of Object.values(operations)) {
      const { "4XX": refusal, "5XX": _, ...others } = operation.responses;
      refused ??= refusal;
      operation.responses = { ...others, default: { $ref: "#/components/responses/Refused" } };
    }
  }
  return {
    ...rest,
    paths: Object.fromEntries(api),
    components: { ...components, responses: { Refused: refused } },
  };
}
