import { type Command, InvalidArgumentError } from "commander";
import type { EpeMode } from "../core/epe/in-force.ts";
import type { DestinationView, EpeEventView, EpeExplanation, EpeStatus } from "../epe/view.ts";
import type { EpeModeResult } from "../operations/epe.ts";
import { EXIT } from "./client.ts";
import { followProgress } from "./follow-epe.ts";
import { spanToMs, wholeNumber } from "./numbers.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";
import {
  showDestinations,
  showEpeHistory,
  showEpeStatus,
  showExplanation,
  showModeResult,
} from "./show-epe.ts";

interface ExplainOptions {
  readonly node?: string;
  readonly watch?: boolean;
}

/** epe …: which egress peer each destination leaves by, and why. */
export function addEpeCommands(program: Command): void {
  const epe = program
    .command("epe")
    .description("egress peer engineering: measure every egress peer, move what is better");

  addCommonOptions(epe.command("status"))
    .description("mode, peers, what was moved, what is wrong; exit status 1 when something is")
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const status = await api.get<EpeStatus>("/v1/epe");
      if (json) printJson(status);
      else print(showEpeStatus(status));
      if (status.alarms.length > 0) process.exitCode = EXIT.refused;
    });

  addCommonOptions(epe.command("destinations"))
    .description("the newest decision about every destination, what gains most first")
    .option("--limit <n>", "so many at most", wholeNumber, 40)
    .action(async (options: { limit: number }, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<{ rows: DestinationView[] }>(
        `/v1/epe/destinations?limit=${options.limit}`,
      );
      if (json) printJson(answer);
      else print(showDestinations(answer.rows));
    });

  addCommonOptions(epe.command("explain <destination>"))
    .description(
      "why an address or prefix leaves as it does: every peer, every figure, the rule that decided",
    )
    .option("--node <name>", "at this plane router only")
    .option("--watch", "first wait until enough has been measured, with the progress on a terminal")
    .action(async (destination: string, options: ExplainOptions, command: Command) => {
      const { api, json } = sessionOf(command);
      if (options.watch === true) await followProgress(api, json, destination);
      const query = new URLSearchParams({ destination });
      const answer = await api.get<EpeExplanation>(`/v1/epe/explain?${query}`);
      const decisions = answer.decisions.filter(
        ({ decision }) => (options.node ?? decision.node) === decision.node,
      );
      if (json) printJson({ ...answer, decisions });
      else print(showExplanation({ ...answer, decisions }));
    });

  addCommonOptions(epe.command("history"))
    .description("what was moved, taken back and found out, newest first")
    .option("--limit <n>", "so many at most", wholeNumber, 40)
    .option("--destination <address>", "of one address or prefix only")
    .action(async (options: { limit: number; destination?: string }, command: Command) => {
      const { api, json } = sessionOf(command);
      const { limit, destination } = options;
      const query = new URLSearchParams({
        limit: String(limit),
        ...(destination === undefined ? {} : { destination }),
      });
      const answer = await api.get<{ rows: EpeEventView[] }>(`/v1/epe/history?${query}`);
      if (json) printJson(answer);
      else print(showEpeHistory(answer.rows));
    });

  addMode(
    epe,
    "observe",
    "observe",
    "measure and decide, and move nothing: what would be done, and what that would have won",
  );
  addMode(epe, "enable", "enforce", "measure, decide, and move what is better");
  addMode(
    epe,
    "off",
    "off",
    "the big red button: every override is gone from every router; nothing is measured",
  );
}

interface ModeOptions {
  readonly note: string;
  readonly wait: number;
  readonly watch?: boolean;
}

function addMode(epe: Command, name: string, mode: EpeMode, description: string): void {
  const added = addCommonOptions(epe.command(name))
    .description(description)
    .option("--note <text>", "why, for the audit log", noteText, "")
    .option("--wait <time>", "for the routers, at most", spanToMs, 10_000);
  if (mode !== "off")
    added.option("--watch", "then until enough has been measured to decide, with the progress on a terminal");
  added.action(async (options: ModeOptions, command: Command) => {
    const { api, json } = sessionOf(command);
    const body = { mode, note: options.note, waitMs: options.wait };
    const result = await api.post<EpeModeResult>("/v1/epe/mode", body);
    if (json) printJson(result);
    else print(showModeResult(result));
    if (result.nodes.some(({ ms }) => ms === null)) process.exitCode = EXIT.notObserved;
    if (options.watch !== true) return;
    await followProgress(api, json);
    const { rows } = await api.get<{ rows: DestinationView[] }>("/v1/epe/destinations?limit=40");
    if (!json) print(showDestinations(rows));
  });
}

function noteText(text: string): string {
  if (text.length > 1024) throw new InvalidArgumentError("at most 1024 characters");
  return text;
}
