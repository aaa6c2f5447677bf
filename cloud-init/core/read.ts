import { type TSchema, Type } from "@sinclair/typebox";
import { type Fault, type Finding, type Path, pathText } from "@vsix/shared/fabric/fault.ts";
import { checkSchema, type Loose } from "@vsix/shared/fabric/loose.ts";
import { readYaml } from "@vsix/shared/fabric/yaml.ts";
import { checkSeed, type Ports } from "./check.ts";
import { legacyFindings } from "./legacy.ts";
import { ACCESS_KINDS, KINDS, PiFile, type SeedFile, UPLINK_KINDS } from "./schema.ts";
import { SECRET_KEYS } from "./words.ts";

export type SeedResult =
  | { readonly ok: true; readonly seed: Seed }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** A file without fault, and its secrets by the path where they stand (`lan.wifi.passphrase`). */
export interface Seed {
  readonly file: SeedFile;
  /** Of the claim, where there is one. */
  readonly node: string | undefined;
  readonly secrets: ReadonlyMap<string, string>;
}

/**
 * Reads a file of a home router, a router or a controller: every fault at once, in the order of the file, or what it says.
 * No fault repeats a secret. Never throws on any text; at most 1 MiB is read.
 * @param file the name that faults carry
 */
export function readSeed(text: string, file: string, ports: Ports): SeedResult {
  const read = readYaml(text, file);
  if (!read.ok) return { ok: false, faults: read.faults.slice(0, MAX_SYNTAX).map(withPlace) };
  const { value, locate } = read.yaml;
  const fail = (findings: readonly Finding[]): SeedResult => ({
    ok: false,
    faults: findings
      .map((finding) => {
        const { path, message } = withoutSecret(finding);
        return { ...locate(finding), path: pathText(path), message };
      })
      .sort((a, b) => a.line - b.line || a.column - b.column),
  });
  const legacy = legacyFindings(value);
  if (legacy !== undefined) return fail(legacy);
  const { version, kind } = (value ?? {}) as { readonly version?: unknown; readonly kind?: unknown };
  if (typeof version === "number" && version !== 1)
    return fail([
      { path: ["version"], message: `format version ${version} is not known; this program reads version 1` },
    ]);
  if (typeof kind !== "string" || !Object.hasOwn(KINDS, kind)) {
    const message = `\`kind\` says what the file is for: ${Object.keys(KINDS).join(", ")}`;
    return fail([{ path: ["kind"], message }]);
  }
  const { findings, loose } = checkShape(kind as keyof typeof KINDS, value);
  if (loose === undefined) return fail(findings);
  const all = [...findings];
  const { node, secrets } = checkSeed(loose, ports, (finding) => all.push(finding));
  return all.length > 0 ? fail(all) : { ok: true, seed: { file: value as SeedFile, node, secrets } };
}

/** A slip of syntax makes faults of all that follows. */
const MAX_SYNTAX = 5;

/** Where a slip of syntax is found is seldom where it was made. */
function withPlace(fault: Fault): Fault {
  return { ...fault, message: `${fault.message}: look at this line and the one before it` };
}

/** Choices by `kind` are checked as what they say they are. */
function checkShape(
  kind: keyof typeof KINDS,
  value: unknown,
): { readonly findings: readonly Finding[]; readonly loose: Loose<SeedFile> | undefined } {
  if (kind !== "pi") return checkSchema(KINDS[kind], value);
  const outer = Type.Object(
    {
      ...PiFile.properties,
      uplinks: Type.Array(Type.Object({}), { minItems: 1, maxItems: 4 }),
      access: Type.Object({}),
    },
    { additionalProperties: false },
  );
  const { findings, loose } = checkSchema(outer, value);
  if (loose === undefined) return { findings, loose };
  const all = [...findings];
  const chosen = (choices: Readonly<Record<string, TSchema>>, one: unknown, path: Path): void => {
    const kindOf = (one as { readonly kind?: unknown } | undefined)?.kind;
    if (one === undefined) return;
    const schema = Object.hasOwn(choices, String(kindOf)) ? choices[String(kindOf)] : undefined;
    if (schema === undefined)
      all.push({
        path: [...path, "kind"],
        message: `\`kind\` here is one of ${Object.keys(choices).join(", ")}`,
      });
    else
      all.push(
        ...checkSchema(schema, one).findings.map((found) => ({ ...found, path: [...path, ...found.path] })),
      );
  };
  for (const [i, uplink] of (loose.uplinks ?? []).entries()) chosen(UPLINK_KINDS, uplink, ["uplinks", i]);
  chosen(ACCESS_KINDS, loose.access, ["access"]);
  return { findings: all, loose: loose as Loose<PiFile> };
}

/** What is wrong with a secret is said without it, and without keys that it may seem to have. */
function withoutSecret(finding: Finding): Finding {
  const place = finding.path.findIndex((step) => SECRET_KEYS.has(String(step)));
  const last = finding.path.at(-1);
  // Somebody forgot a colon, and what was to be a value is a part of a key.
  if (typeof last === "string" && !/^[\w-]{1,32}$/.test(last) && finding.at === "key")
    return { ...finding, path: finding.path.slice(0, -1), message: "a key here is no word of this file" };
  if (place < 0) return finding;
  const key = String(finding.path[place]);
  const inside = finding.path.length > place + 1;
  const path = finding.path.slice(0, place + 1);
  if (inside && finding.path.at(-1) !== "file")
    return { path, message: `what stands at \`${key}\` is neither a text nor { file: PATH }` };
  if (finding.at === "key" || !/^(["{[\d-]|null|nothing|true|false)/.test(finding.message)) return finding;
  const why = /\([^"]*\)$/.exec(finding.message)?.[0] ?? "";
  return { path: finding.path, message: `what stands at \`${key}\` does not fit ${why}`.trim() };
}
