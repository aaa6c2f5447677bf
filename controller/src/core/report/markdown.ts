import type { EventReport } from "./model.ts";
import { timeText } from "./plots.ts";
import { sectionsOf, spanText, titleOf } from "./sections.ts";

/** The same in Markdown, tables as GitHub writes them; without the plots. */
export function reportMarkdown(report: EventReport): string {
  const parts = [`# ${plain(titleOf(report))}`, plain(spanText(report))];
  for (const { title, words, tables } of sectionsOf(report)) {
    parts.push(`## ${plain(title)}`, ...words.map(plain));
    for (const { head, rows } of tables) {
      if (rows.length === 0) continue;
      const line = (cells: readonly string[]): string => `| ${cells.map(plain).join(" | ")} |`;
      parts.push([line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n"));
    }
  }
  parts.push(`Made ${timeText(report.madeMs)} from what was observed.`);
  return `${parts.join("\n\n")}\n`;
}

/** Names come from whoever asks: nothing in them is markup. */
function plain(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|#~]/g, (character) => `\\${character}`).replaceAll(/[\r\n]+/g, " ");
}
