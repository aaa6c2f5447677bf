import { FabricFile } from "../src/fabric/schema.ts";

/** The fabric file's JSON Schema (draft-07) as it is published. */
export function fabricSchemaText(): string {
  return `${JSON.stringify(FabricFile, undefined, 2)}\n`;
}
