import { writeFileSync } from "node:fs";
import { expectedSchemaText } from "./expected-schema-text.ts";
import { fabricSchemaText } from "./fabric-schema-text.ts";
import { receiversSchemaText } from "./receivers-schema-text.ts";

/** Writes the published JSON Schemas anew: `node shared/schema/generate.ts`. */
writeFileSync(new URL("fabric.schema.json", import.meta.url), fabricSchemaText());
writeFileSync(new URL("expected.schema.json", import.meta.url), expectedSchemaText());
writeFileSync(new URL("receivers.schema.json", import.meta.url), receiversSchemaText());
