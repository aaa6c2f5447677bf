import { writeFileSync } from "node:fs";
import { schemaText } from "./text.ts";

/** Writes the published JSON Schema anew: `node cloud-init/schema/generate.ts`. */
writeFileSync(new URL("../vsix-pi.schema.json", import.meta.url), schemaText());
