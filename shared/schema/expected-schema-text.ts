import { ExpectedFile } from "../src/paths/schema.ts";

/** The JSON Schema (draft-07) of the file of expected paths, as it is published. */
export function expectedSchemaText(): string {
  return `${JSON.stringify(ExpectedFile, undefined, 2)}\n`;
}
