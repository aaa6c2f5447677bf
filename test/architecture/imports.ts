/**
 * Finds the module specifiers of a TypeScript file without parsing it: comments are blanked, then `from "x"`,
 * `import "x"`, `import("x")` and `require("x")` are looked for outside strings and templates.
 */
export function importsOf(source: string): string[] {
  const { code, strings } = blank(source);
  const found: string[] = [];
  const pattern = /\b(?:from|import|require)\s*\(?\s*"(\d+)"/g;
  for (const match of code.matchAll(pattern)) found.push(strings[Number(match[1])] ?? "");
  return found;
}

/** The code with comments and the contents of strings taken out; what stands in it, stands in code. */
export function codeOf(source: string): string {
  return blank(source).code;
}

type Blanked = { readonly code: string; readonly strings: readonly string[] };

/** Comments become spaces; each string literal becomes `"n"`, n its index in `strings`. */
function blank(source: string): Blanked {
  const strings: string[] = [];
  let code = "";
  let at = 0;
  const take = (end: number): string => {
    const text = source.slice(at, end);
    at = end;
    return text;
  };
  const templateDepths: number[] = [];
  let depth = 0;
  while (at < source.length) {
    const rest = source.slice(at, at + 2);
    const char = source[at] ?? "";
    if (rest === "//") take(endOf(source, "\n", at));
    else if (rest === "/*") {
      take(Math.min(source.length, endOf(source, "*/", at + 2) + 2));
      code += " ";
    } else if (char === "/" && startsRegex(code)) {
      take(endOfRegex(source, at));
      code += " 0 ";
    } else if (char === '"' || char === "'") {
      const text = take(endOfString(source, at, char));
      code += `"${strings.push(text.slice(1, -1)) - 1}"`;
    } else if (char === "`" || (char === "}" && templateDepths.at(-1) === depth)) {
      if (char === "}") templateDepths.pop();
      const end = endOfTemplate(source, at + 1);
      const open = source.startsWith("${", end);
      take(end + (open ? 2 : 1));
      if (open) templateDepths.push(depth);
      code += " ";
    } else {
      if (char === "{") depth++;
      if (char === "}") depth--;
      code += take(at + 1);
    }
  }
  return { code, strings };
}

function endOf(source: string, mark: string, from: number): number {
  const end = source.indexOf(mark, from);
  return end < 0 ? source.length : end;
}

function endOfString(source: string, start: number, quote: string): number {
  let at = start + 1;
  while (at < source.length && source[at] !== quote && source[at] !== "\n") at += source[at] === "\\" ? 2 : 1;
  return Math.min(source.length, at + 1);
}

/** Index of the closing backtick or of the next `${`. */
function endOfTemplate(source: string, start: number): number {
  let at = start;
  while (at < source.length && source[at] !== "`" && !source.startsWith("${", at)) {
    at += source[at] === "\\" ? 2 : 1;
  }
  return at;
}

/** A slash begins a regular expression where no value stands before it. */
function startsRegex(code: string): boolean {
  const before = code.trimEnd();
  return before === "" || /[([{,;=:!&|?+\-*%<>~^]$|\b(?:return|typeof|case|of|in|await|yield)$/.test(before);
}

function endOfRegex(source: string, start: number): number {
  let inClass = false;
  let at = start + 1;
  while (at < source.length && source[at] !== "\n") {
    const char = source[at];
    if (char === "/" && !inClass) return at + 1;
    if (char === "[") inClass = true;
    if (char === "]") inClass = false;
    at += char === "\\" ? 2 : 1;
  }
  return at;
}
