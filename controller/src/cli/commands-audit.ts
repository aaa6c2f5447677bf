import process from "node:process";
import type { Command } from "commander";
import type { AuditAnswer, AuditVerdictAnswer } from "../http/schemas.ts";
import { EXIT } from "./client.ts";
import { wholeNumber } from "./numbers.ts";
import { paint, print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";
import { formatTable } from "./table.ts";

/** audit list, audit verify. */
export function addAuditCommands(program: Command): void {
  const audit = program.command("audit").description("who changed what, in a log that only grows");

  addCommonOptions(audit.command("list", { isDefault: true }))
    .description("newest first")
    .option("--limit <n>", "how many", wholeNumber, 50)
    .action(async (options: { limit: number }, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<AuditAnswer>(`/v1/audit?limit=${options.limit}`);
      if (json) return printJson(answer);
      const rows = answer.audit.map(({ id, at, who, what, detail }) => [
        `${id}`,
        at,
        who,
        what,
        JSON.stringify(detail),
      ]);
      print(formatTable(["RECORD", "AT", "WHO", "WHAT", "DETAIL"], rows));
    });

  addCommonOptions(audit.command("verify"))
    .description("whether every record follows from the one before; exit 1 when not")
    .option("--head <id:hash>", "a head that was noted earlier must be in the log too")
    .action(async (options: { head?: string }, command: Command) => {
      const { api, json } = sessionOf(command);
      const query = options.head === undefined ? "" : `?head=${encodeURIComponent(options.head)}`;
      const verdict = await api.get<AuditVerdictAnswer>(`/v1/audit/verify${query}`);
      if (verdict.broken !== null) process.exitCode = EXIT.refused;
      if (json) printJson(verdict);
      else print(showVerdict(verdict));
    });
}

function showVerdict({ sound, head, broken }: AuditVerdictAnswer): string {
  if (broken === null)
    return `${sound} records, each follows from the one before\nhead ${head.id}:${head.hash}`;
  return paint("red", `record ${broken.record}: ${broken.reason}\nsound up to record ${sound}`);
}
