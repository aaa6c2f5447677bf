import { formatTrace } from "@vsix/shared/paths/show-trace.ts";
import type { Command } from "commander";
import type { TracesAnswer } from "../http/schemas-path.ts";
import { addPathWatchCommands } from "./commands-path-watch.ts";
import { paint, print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";

/** path …: what is expected of paths, and what was seen of them. */
export function addPathCommands(program: Command): void {
  const path = program.command("path").description("the ways that packets take: expected, traced, watched");
  addPathWatchCommands(path);

  addCommonOptions(path.command("traces"))
    .description("the newest trace of each source and target, as `vsix-agent trace` shows it")
    .option("--source <node>", "only from this node")
    .option("--target <name>", "only to this target")
    .action(async (options: { source?: string; target?: string }, command: Command) => {
      const { api, json } = sessionOf(command);
      const query = new URLSearchParams(options);
      const answer = await api.get<TracesAnswer>(`/v1/paths/traces?${query}`);
      if (json) printJson(answer);
      else print(showTraces(answer));
    });
}

export function showTraces({ traces, missing }: TracesAnswer): string {
  const shown = traces.map(
    ({ ageMs, trace }) =>
      `${paint("bold", `${trace.source} to ${trace.target}`)}, ${Math.round(ageMs / 1000)} s ago\n${formatTrace(trace).trimEnd()}`,
  );
  const waited = missing.map(({ source, target }) => `${source} to ${target}: no trace has come yet`);
  if (shown.length + waited.length === 0)
    return "nothing is traced: `vsixctl path apply FILE` says what to expect, `vsixctl path learn` writes a first file";
  return [...shown, ...(waited.length === 0 ? [] : [waited.join("\n")])].join("\n\n");
}
