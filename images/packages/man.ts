import type { CommandNode } from "./command-tree.ts";

/** Manual pages in the macros of man(7). Pure. */

export interface ManPage {
  readonly name: string;
  readonly section: 1 | 5 | 8;
  /** One line, as apropos(1) shows it. */
  readonly summary: string;
  /** Of the source, seconds since 1970. */
  readonly epochS: number;
  readonly version: string;
  readonly sections: readonly ManSection[];
  readonly seeAlso: readonly string[];
}

export interface ManSection {
  readonly title: string;
  readonly body: readonly ManBlock[];
}

/** A paragraph, text as it stands, or a list of terms. */
export type ManBlock =
  | { readonly text: string }
  | { readonly literal: string }
  | { readonly terms: readonly (readonly [term: string, text: string])[] }
  | { readonly heading: string };

export function manPage({ name, section, summary, epochS, version, sections, seeAlso }: ManPage): string {
  const date = new Date(epochS * 1000).toISOString().slice(0, 10);
  const lines = [
    `.TH "${quoted(name.toUpperCase())}" "${section}" "${date}" "vSIX ${quoted(version)}" "vSIX"`,
    ".nh",
    ".SH NAME",
    `${quoted(name)} \\- ${quoted(summary)}`,
    ...sections.flatMap(({ title, body }) => [
      `.SH "${quoted(title.toUpperCase())}"`,
      ...body.flatMap(block),
    ]),
    '.SH "SEE ALSO"',
    seeAlso.map((page) => `.BR ${quoted(page).replace("(", " (")}`).join(" ,\n"),
  ];
  return `${lines.join("\n")}\n`;
}

function block(what: ManBlock): readonly string[] {
  if ("text" in what) return [".PP", textLine(what.text)];
  if ("heading" in what) return [`.SS "${quoted(what.heading)}"`];
  if ("literal" in what)
    return [".PP", ".nf", ...what.literal.replace(/\n+$/, "").split("\n").map(textLine), ".fi"];
  return what.terms.flatMap(([term, text]) => [".TP", `.B ${quoted(term)}`, textLine(text)]);
}

/** All commands of a tree, each with its options. */
export function commandBlocks(node: CommandNode, path: string = node.name): readonly ManBlock[] {
  const own: ManBlock[] = [];
  if (node.commands.length === 0 || node.operands.length > 0) {
    const operands = node.operands.length === 0 ? "" : ` ${node.operands.join(" ")}`;
    own.push({ heading: `${path}${operands}` }, { text: node.description });
  }
  if (node.options.length > 0 && own.length > 0)
    own.push({ terms: node.options.map(({ flags, description }) => [flags, description || "\u00a0"]) });
  return [...own, ...node.commands.flatMap((one) => commandBlocks(one, `${path} ${one.name}`))];
}

/** Hyphens that people copy stay hyphens, backslashes are shown, and nothing else is a request. */
function quoted(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll('"', "\\(dq")
    .replaceAll("\u00a0", "\\ ")
    .replaceAll("…", "...")
    .replaceAll("\n", " ");
}

/** A line that begins with a dot or an apostrophe would be a request. */
function textLine(text: string): string {
  const escaped = quoted(text);
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}
