import process from "node:process";
import type { Command } from "commander";
import type { PathEventsAnswer, PathsAnswer } from "../http/routes-watch.ts";
import type { PathDetail, PathView } from "../status/path-model.ts";
import { durationToS, wholeNumber } from "./numbers.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";
import { showPath, showPathEvents, showPaths } from "./show-paths.ts";

/** path list, show, events, watch, ack, silence, unsilence: what is seen of the paths that are expected. */
export function addPathWatchCommands(path: Command): void {
  addCommonOptions(path.command("list"))
    .description("every watched path: by which planes, as expected or not, since when")
    .option("--check", "exit 1 when any of them is not as it should be", false)
    .action(async (options: { check: boolean }, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<PathsAnswer>("/v1/paths");
      if (json) printJson(answer);
      else print(showPaths(answer));
      if (options.check && !answer.paths.every(isWell)) process.exitCode = 1;
    });

  addCommonOptions(path.command("show <source> <target>"))
    .description("one path: the newest trace, and the one of before it changed")
    .action(async (source: string, target: string, _options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const query = new URLSearchParams({ source, target });
      const answer = await api.get<PathDetail>(`/v1/paths/one?${query}`);
      if (json) printJson(answer);
      else print(showPath(answer));
    });

  addCommonOptions(path.command("events"))
    .description("what was seen of paths, newest first, and whether anybody was told")
    .option("--limit <n>", "how many", wholeNumber, 20)
    .option("--source <node>", "only from this node")
    .option("--target <name>", "only to this target")
    .action(async (options: { limit: number; source?: string; target?: string }, command: Command) => {
      const { api, json } = sessionOf(command);
      const query = new URLSearchParams({ limit: String(options.limit), ...pairOf(options) });
      const answer = await api.get<PathEventsAnswer>(`/v1/paths/events?${query}`);
      if (json) printJson(answer);
      else print(showPathEvents(answer.events));
    });

  addCommonOptions(path.command("watch"))
    .description(
      "every change of a path as it happens, until interrupted (exit 0) or the controller goes (exit 3)",
    )
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      if (!json) print(showPaths(await api.get<PathsAnswer>("/v1/paths")));
      const stop = new AbortController();
      process.once("SIGINT", () => stop.abort());
      await api.events(
        "/v1/events",
        (data) => {
          const event = JSON.parse(data) as StreamedPath | { readonly type: "other" };
          if (event.type === "path") print(json ? data : streamedLine(event));
        },
        stop.signal,
      );
    });

  addCommonOptions(path.command("ack <source> <target>"))
    .description("look after a path that is wrong: nothing more is told until it is worse, or well again")
    .option("--note <text>", "what you do about it", "")
    .action(async (source: string, target: string, options: { note: string }, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.post<PathView>("/v1/paths/ack", { source, target, note: options.note });
      if (json) printJson(answer);
      else print(`${source} to ${target}: acknowledged by ${answer.acknowledged?.by ?? "you"}`);
    });

  addCommonOptions(path.command("silence <source> <target>"))
    .description("tell nobody of these paths for a while; * is every source or target")
    .requiredOption("--for <time>", "how long: 10m, 2h, 1d", durationToS)
    .option("--note <text>", "why", "")
    .action(
      async (source: string, target: string, options: { for: number; note: string }, command: Command) => {
        const { api, json } = sessionOf(command);
        const body = { source, target, forS: options.for, note: options.note };
        const answer = await api.post<PathsAnswer>("/v1/paths/silence", body);
        if (json) printJson(answer);
        else print(showPaths(answer));
      },
    );

  addCommonOptions(path.command("unsilence <source> <target>"))
    .description("end a silence, named as it was ordered")
    .action(async (source: string, target: string, _options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.post<PathsAnswer>("/v1/paths/unsilence", { source, target });
      if (json) printJson(answer);
      else print(showPaths(answer));
    });
}

interface PairOptions {
  readonly source?: string;
  readonly target?: string;
}

/** Of all options of a command only these two, where they are given. */
export function pairOf({ source, target }: PairOptions): Readonly<Record<string, string>> {
  return { ...(source === undefined ? {} : { source }), ...(target === undefined ? {} : { target }) };
}

function isWell({ current }: PathView): boolean {
  return current !== null && (current.level === "fine" || current.level === "notice");
}

/** An event of the stream. */
export interface StreamedPath {
  readonly type: "path";
  readonly at: string;
  readonly source: string;
  readonly target: string;
  readonly kind: string;
  readonly words: string;
  readonly planes: readonly string[];
  readonly likely: string | null;
}

/** One line of `path watch`, and of `watch`. */
export function streamedLine({ at, kind, source, target, words, planes, likely }: StreamedPath): string {
  const cause = likely === null ? "" : `; ${likely}`;
  const way = planes.length === 0 ? "" : `, by ${planes.join(" and ")}`;
  return `${at.slice(11, 23)}  path ${source} to ${target} ${kind}${way}: ${words}${cause}`;
}
