import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Node as YamlNode,
} from "yaml";
import type { Fault, Finding, Path } from "./fault.ts";
import { pathText } from "./fault.ts";

/** Reading YAML from people: bounded, every syntax error at once, and a way back from a path to its line. */

const MAX_OCTETS = 1024 * 1024;
const MAX_DEPTH = 16;
const MAX_VALUES = 500_000;
const MAX_ALIASES = 100;

export interface YamlText {
  /** Plain JSON-like value: objects, arrays, strings, numbers, booleans, null. */
  readonly value: unknown;
  locate(finding: Finding): Fault;
}

export type YamlResult =
  | { readonly ok: true; readonly yaml: YamlText }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** The parser's faults may end with what stands in the file: there it may be a secret, which then is in a log. */
function withoutSource(message: string): string {
  return (message.split(/(?<=\S):\s|(?<=YAML version)\s|\s(?=[%!"'`\\])|\n/)[0] ?? "").trim();
}

/** Parses one YAML 1.2 document; no fault of its syntax repeats what stands there. Never throws, whatever the text is. */
export function readYaml(text: string, file: string): YamlResult {
  const whole = (message: string): YamlResult => ({
    ok: false,
    faults: [{ file, line: 1, column: 1, path: "", message }],
  });
  if (text.length > MAX_OCTETS) {
    return whole(`the file has ${text.length} characters; at most ${MAX_OCTETS} are read`);
  }
  const deep = tooDeep(text);
  if (deep !== undefined) {
    return { ok: false, faults: [{ file, line: deep, column: 1, path: "", message: TOO_DEEP }] };
  }
  const lines = new LineCounter();
  let document: Document.Parsed;
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      strict: true,
      uniqueKeys: true,
      stringKeys: true,
    });
  } catch (error) {
    return whole(
      `this is not YAML that can be read: ${withoutSource(error instanceof Error ? error.message : String(error))}`,
    );
  }
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) {
    return {
      ok: false,
      faults: problems.slice(0, 100).map((problem) => {
        const { line, col } = lines.linePos(problem.pos[0]);
        return {
          file,
          line: Math.max(line, 1),
          column: Math.max(col, 1),
          path: "",
          message: `YAML: ${withoutSource(problem.message)}`,
        };
      }),
    };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    return whole(
      `YAML aliases cannot be resolved (at most ${MAX_ALIASES} repetitions): ${withoutSource(error instanceof Error ? error.message : String(error))}`,
    );
  }
  const shape = shapeFault(value);
  if (shape !== undefined) return whole(shape);
  return { ok: true, yaml: { value, locate: (finding) => locate(document, lines, file, finding) } };
}

const TOO_DEEP = `nested deeper than ${MAX_DEPTH} levels; no file of ours needs more`;

/** Flow brackets are what makes a parser recurse; 64 open ones at once is nonsense here, quoted or not. */
function tooDeep(text: string): number | undefined {
  let open = 0;
  let line = 1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 10) {
      line += 1;
      // Block nesting by "- - - -" and by indentation recurses too.
      if (/^[ ]{256}|^[ ]*(?:[-?] +){32}/.test(text.slice(i + 1, i + 258))) return line;
    } else if (code === 91 || code === 123) {
      open += 1;
      if (open > 64) return line;
    } else if (code === 93 || code === 125) open = Math.max(0, open - 1);
  }
  return /^[ ]*(?:[-?] +){32}/.test(text.slice(0, 257)) ? 1 : undefined;
}

/** Aliases can make a value endless or huge; both stop here, before anything recurses over it. */
function shapeFault(root: unknown): string | undefined {
  const waiting: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  let seen = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    seen += 1;
    if (seen > MAX_VALUES) return `more than ${MAX_VALUES} values`;
    if (typeof next.value !== "object" || next.value === null) continue;
    if (next.depth >= MAX_DEPTH) return TOO_DEEP;
    for (const value of Object.values(next.value)) waiting.push({ value, depth: next.depth + 1 });
  }
  return undefined;
}

function locate(document: Document.Parsed, lines: LineCounter, file: string, finding: Finding): Fault {
  const offset = offsetOf(document, finding.path, finding.at ?? "value");
  const { line, col } = lines.linePos(offset);
  return {
    file,
    line: Math.max(line, 1),
    column: Math.max(col, 1),
    path: pathText(finding.path),
    message: finding.message,
  };
}

/** Character offset of what a path names; of the nearest thing above it where it names nothing. */
function offsetOf(document: Document.Parsed, path: Path, at: "key" | "value"): number {
  let node: YamlNode | null = document.contents;
  let best = startOf(node) ?? 0;
  for (const [i, step] of path.entries()) {
    const last = i === path.length - 1;
    if (isAlias(node)) node = node.resolve(document) ?? null;
    if (isMap(node)) {
      const pair: { key: unknown; value: unknown } | undefined = node.items.find(
        (item) => isScalar(item.key) && String(item.key.value) === String(step),
      );
      if (pair === undefined) return best;
      best = startOf(pair.key) ?? best;
      if (last && at === "key") return best;
      node = (pair.value ?? null) as YamlNode | null;
      if (last || isScalar(node)) best = startOf(node) ?? best;
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(step)];
      if (item === undefined) return best;
      node = item as YamlNode;
      best = startOf(node) ?? best;
    } else return best;
  }
  return best;
}

function startOf(node: unknown): number | undefined {
  const range = (node as { range?: readonly number[] | null } | null)?.range;
  return range?.[0];
}
