import { ReceiversFile } from "../src/notify/receivers-schema.ts";

/** The JSON Schema (draft-07) of the file of receivers, as it is published. */
export function receiversSchemaText(): string {
  return `${JSON.stringify(ReceiversFile, undefined, 2)}\n`;
}
