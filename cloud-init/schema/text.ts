import { AnyFile } from "../core/schema.ts";

/** The JSON Schema (draft-07) of the files that `vsix-pi` reads, as it is published. */
export function schemaText(): string {
  return `${JSON.stringify(AnyFile, undefined, 2)}\n`;
}
