import type { Static, TSchema } from "@sinclair/typebox";
import { Value, type ValueError } from "@sinclair/typebox/value";
import type { Finding, Path } from "./fault.ts";
import { schemaMessage } from "./schema-message.ts";

/** A value of which any piece may be missing, because it was wrong and has been reported. */
export type Loose<T> = T extends readonly (infer Item)[]
  ? readonly (Loose<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Loose<T[Key]> | undefined }
    : T;

export interface SchemaCheck<T> {
  readonly findings: readonly Finding[];
  /** The same value with every wrong piece taken out, so that the checks that follow say only what is new. */
  readonly loose: Loose<T> | undefined;
}

const MAX_FINDINGS = 500;

/** Checks a value against the schema of its file; changes `value` by taking wrong pieces out. */
export function checkSchema<S extends TSchema>(schema: S, value: unknown): SchemaCheck<Static<S>> {
  const findings: Finding[] = [];
  const wrong: Path[] = [];
  const seen = new Set<string>();
  for (const error of Value.Errors(schema, value)) {
    const path = pointerSteps(error.path);
    const key = error.path;
    if (seen.has(key)) continue;
    seen.add(key);
    findings.push(schemaMessage(path, error as ValueError));
    wrong.push(path);
    if (findings.length >= MAX_FINDINGS) break;
  }
  if (wrong.some((path) => path.length === 0) || typeof value !== "object" || value === null) {
    return { findings, loose: undefined };
  }
  for (const path of wrong) takeOut(value, path);
  return { findings, loose: value as Loose<Static<S>> };
}

function takeOut(root: object, path: Path): void {
  let at: unknown = root;
  for (const step of path.slice(0, -1)) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return;
    at = (at as Record<string | number, unknown>)[step];
  }
  const last = path.at(-1);
  if (last === undefined || typeof at !== "object" || at === null || !Object.hasOwn(at, last)) return;
  if (Array.isArray(at)) at[Number(last)] = undefined;
  // The key stays, so that a broken node is still a node that links may name.
  else (at as Record<string | number, unknown>)[last] = undefined;
}

/** JSON pointer (RFC 6901) to steps; array positions become numbers. */
function pointerSteps(pointer: string): Path {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((step) => (/^[0-9]+$/.test(step) ? Number(step) : step));
}
