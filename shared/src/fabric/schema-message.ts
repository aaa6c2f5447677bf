import { Kind, type TSchema } from "@sinclair/typebox";
import { type ValueError, ValueErrorType } from "@sinclair/typebox/value";
import { didYouMean } from "./did-you-mean.ts";
import type { Finding, Path } from "./fault.ts";
import { NAME_PATTERN } from "./schema-words.ts";

/** Words for people from a schema error: what is wrong here, and what would be right. */
export function schemaMessage(path: Path, error: ValueError): Finding {
  const key = String(path.at(-1) ?? "");
  switch (error.type) {
    case ValueErrorType.ObjectRequiredProperty:
      return { path, at: "key", message: `\`${key}\` is missing here${hint(error.schema)}` };
    case ValueErrorType.ObjectAdditionalProperties:
      return { path, at: "key", message: unexpected(key, error.schema) };
    case ValueErrorType.StringPattern:
      return { path, message: `${show(error.value)} does not fit${hint(error.schema)}` };
    case ValueErrorType.ArrayMinItems:
      return {
        path,
        message: `\`${key}\` needs at least ${error.schema["minItems"]} entries${hint(error.schema)}`,
      };
    case ValueErrorType.ArrayMaxItems:
      return {
        path,
        message: `\`${key}\` takes at most ${error.schema["maxItems"]} entries${hint(error.schema)}`,
      };
    default:
      return { path, message: `${show(error.value)} is not ${expected(error.schema)}${hint(error.schema)}` };
  }
}

function unexpected(key: string, schema: TSchema): string {
  const patterns = schema["patternProperties"] as object | undefined;
  if (patterns !== undefined && !(NAME_PATTERN in patterns))
    return `${show(key)} does not fit${hint(schema)}`;
  if (patterns !== undefined) {
    return `${show(key)} cannot be a name: a letter, then a-z, 0-9 or -; at most 63 characters (${NAME_PATTERN})`;
  }
  const known = Object.keys((schema["properties"] as object | undefined) ?? {});
  return `\`${key}\` is not known here${didYouMean(key, known)}; known: ${known.join(", ")}`;
}

function expected(schema: TSchema): string {
  const choices = schema["anyOf"] as readonly TSchema[] | undefined;
  if (choices !== undefined) {
    const words = choices.map((choice) =>
      choice["const"] === undefined ? expected(choice) : String(choice["const"]),
    );
    return `one of ${words.join(", ")}`;
  }
  if (schema["const"] !== undefined) return `${JSON.stringify(schema["const"])}`;
  const low = schema["minimum"] as number | undefined;
  const high = schema["maximum"] as number | undefined;
  const range = low === undefined || high === undefined ? "" : ` from ${low} to ${high}`;
  switch (schema[Kind]) {
    case "Integer":
      return `a whole number${range}`;
    case "Number":
      return `a number${range}`;
    case "String":
      return schema["maxLength"] === undefined
        ? "a text"
        : `a text of at most ${schema["maxLength"]} characters`;
    case "Boolean":
      return "true or false";
    case "Array":
      return "a list";
    default:
      return "a mapping (key: value)";
  }
}

function hint(schema: TSchema): string {
  return typeof schema["description"] === "string" ? ` (${schema["description"]})` : "";
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
