import type { Command } from "commander";
import type { HealthOverview, HealthRunView, NodeHealthWhole } from "../health/view.ts";
import { CliError, EXIT } from "./client.ts";
import { wholeNumber } from "./numbers.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";
import { showHealth, showHealthHistory, showNodeHealth } from "./show-health.ts";

interface Options {
  readonly history: boolean;
  readonly limit: number;
}

/** health. */
export function addHealthCommand(program: Command): void {
  addCommonOptions(program.command("health").argument("[node]", "one node, check by check"))
    .description("how the network feels from its nodes, layer by layer; sites and planes side by side")
    .option("--history", "runs of the node, newest first", false)
    .option("--limit <runs>", "so many of them", wholeNumber, 50)
    .action(async (node: string | undefined, { history, limit }: Options, command: Command) => {
      const { api, json } = sessionOf(command);
      if (history && node === undefined) throw new CliError(EXIT.usage, "--history is of one NODE");
      if (node === undefined) {
        const overview = await api.get<HealthOverview>("/v1/health");
        if (json) printJson(overview);
        else print(showHealth(overview, Date.now()));
        return;
      }
      const path = `/v1/nodes/${encodeURIComponent(node)}/health`;
      if (history) {
        const { rows } = await api.get<{ rows: HealthRunView[] }>(`${path}/history?limit=${limit}`);
        if (json) printJson(rows);
        else print(rows.length === 0 ? "nothing has been told yet" : showHealthHistory(rows));
        return;
      }
      const whole = await api.get<NodeHealthWhole>(path);
      if (json) printJson(whole);
      else print(showNodeHealth(whole, Date.now()));
    });
}
