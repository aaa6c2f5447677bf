import { writeFileSync } from "node:fs";
import process from "node:process";
import { type Command, InvalidArgumentError } from "commander";
import { reportHtml } from "../core/report/html.ts";
import { reportMarkdown } from "../core/report/markdown.ts";
import type { EventReport } from "../core/report/model.ts";
import { addSpan, spanOf } from "./commands-dns.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";

interface ReportOptions {
  readonly from?: number;
  readonly to?: number;
  readonly last?: number;
  readonly event?: string;
  readonly html?: string;
  readonly markdown?: string;
}

/** report. */
export function addReportCommand(program: Command): void {
  addSpan(addCommonOptions(program.command("report")))
    .description("what happened in a span of time: Markdown to read, or files")
    .option("--event <name>", "for the title", eventName)
    .option("--html <file>", "one HTML file with plots, no script (- for standard output)")
    .option("--markdown <file>", "Markdown into a file")
    .action(async (options: ReportOptions, command: Command) => {
      const { api, json } = sessionOf(command);
      const { fromMs, untilMs } = spanOf(options);
      const query = new URLSearchParams({ fromMs: String(fromMs), untilMs: String(untilMs) });
      if (options.event !== undefined) query.set("event", options.event);
      const report = await api.get<EventReport>(`/v1/report?${query}`);
      if (options.html !== undefined) write(options.html, reportHtml(report));
      if (options.markdown !== undefined) write(options.markdown, reportMarkdown(report));
      if (json) printJson(report);
      else if (options.html === undefined && options.markdown === undefined)
        print(reportMarkdown(report).trimEnd());
    });
}

/** Only for its owner: it names what users asked for. */
function write(file: string, text: string): void {
  if (file === "-") process.stdout.write(text);
  else writeFileSync(file, text, { mode: 0o600 });
}

function eventName(text: string): string {
  if (text.length === 0 || text.length > 200) throw new InvalidArgumentError("wants 1 to 200 characters");
  return text;
}
