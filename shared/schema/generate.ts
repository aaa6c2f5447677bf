import { writeFileSync } from "node:fs";
import { fabricSchemaText } from "./fabric-schema-text.ts";

/** Writes the published JSON Schema anew: `node shared/schema/generate.ts`. */
writeFileSync(new URL("fabric.schema.json", import.meta.url), fabricSchemaText());
