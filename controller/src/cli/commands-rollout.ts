import process from "node:process";
import { type Command, InvalidArgumentError } from "commander";
import type { RolloutBody, RolloutsAnswer } from "../http/schemas-rollout.ts";
import type { RolloutEvidence, RolloutView } from "../status/rollout-model.ts";
import { type ApiClient, CliError, EXIT } from "./client.ts";
import { followRollout } from "./follow-rollout.ts";
import { spanToMs, wholeNumber } from "./numbers.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";
import { hasEnded, showEvidence, showPlan, showRollout, showRollouts } from "./show-rollout.ts";

interface CreateOptions {
  readonly to: string;
  readonly from?: string;
  readonly steps: string;
  readonly select: Selected;
  readonly canary: readonly string[];
  readonly interval: number;
  readonly rehearsal?: number;
  readonly move: number;
  readonly deadline: number;
  readonly failureLimit: number;
  readonly planesDiffer: boolean;
  readonly metric: RolloutBody["metrics"];
  readonly note: string;
  readonly dryRun: boolean;
  readonly watch: boolean;
}

type Selected = Pick<RolloutBody, "edges" | "labels">;

/** rollout …: canary releases. */
export function addRolloutCommands(program: Command): void {
  const rollout = program
    .command("rollout")
    .description("move Edges to another plane step by step, with a judge that can say no");

  addCommonOptions(rollout.command("create"))
    .description("begin a rollout; it goes on by itself, and back by itself where the judge says no")
    .requiredOption("--to <plane>", "where to")
    .option("--from <plane>", "plane to be left; needed where there are more than two")
    .option("--steps <list>", "how far each step goes: Edges or percentages", "1,10%,50%,100%")
    .option("--select <list>", "Edges by name, or by labels KEY=VALUE, separated by commas", select, {
      edges: [],
      labels: {},
    })
    .option("--canary <edge...>", "the first step", (text, all: string[]) => [...all, ...text.split(",")], [])
    .option("--interval <time>", "observe each step for so long at least", spanToMs, 60_000)
    .option(
      "--rehearsal <time>",
      "the same before, and for each half of the rehearsal (15s at most)",
      spanToMs,
    )
    .option("--move <time>", "how long Edges may take to be seen where wanted", spanToMs, 10_000)
    .option("--deadline <time>", "goes back when it is not done by then, paused or not", spanToMs, 3_600_000)
    .option("--failure-limit <n>", "failed verdicts in all until it goes back", wholeNumber, 1)
    .option(
      "--planes-differ",
      "take the planes' round trips before anybody moves for their nature: only where the new plane is known to be well",
      false,
    )
    .option(
      "--metric <name=word...>",
      "a metric otherwise than by default: critical, minor, required, optional or off; several joined by +",
      metricChange,
      {},
    )
    .option("--note <text>", "why, for the evidence", "")
    .option("--dry-run", "only show who would move when", false)
    .option("--watch", "and watch it to its end", false)
    .action(async (options: CreateOptions, command: Command) => {
      const { api, json } = sessionOf(command);
      const { to, from, steps, note, dryRun, failureLimit, rehearsal, planesDiffer } = options;
      const body: RolloutBody = {
        to,
        ...(from === undefined ? {} : { from }),
        steps,
        ...options.select,
        canaries: [...options.canary],
        intervalMs: options.interval,
        ...(rehearsal === undefined ? {} : { rehearsalMs: rehearsal }),
        moveMs: options.move,
        deadlineMs: options.deadline,
        failureLimit,
        baselineNow: planesDiffer,
        metrics: options.metric,
        note,
        dryRun,
      };
      const answer = await api.post<RolloutView>("/v1/rollouts", body);
      if (options.watch && !dryRun) return followRollout(api, answer.id, json);
      if (json) printJson(answer);
      else print(showPlan(answer));
    });

  addCommonOptions(rollout.command("watch [id]"))
    .description("follow a rollout to its end: exit 0 done, 5 aborted, 4 not everybody was seen back")
    .action(async (id: string | undefined, _options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      await followRollout(api, await numberOf(api, id), json);
    });

  for (const [name, description] of [
    ["pause", "take no further step; the judge goes on, and so does the deadline"],
    ["resume", "go on after a pause"],
    ["promote", "take the next step without waiting for the rest of this one"],
  ] as const) {
    addCommonOptions(rollout.command(`${name} [id]`))
      .description(description)
      .action(async (id: string | undefined, _options: object, command: Command) => {
        const { api, json } = sessionOf(command);
        const answer = await api.post<RolloutView>(`/v1/rollouts/${await numberOf(api, id)}/${name}`, {});
        if (json) printJson(answer);
        else print(showRollout(answer));
      });
  }

  addCommonOptions(rollout.command("abort [id]"))
    .description("lead everybody back at once, and wait until it is seen (exit 4 when it is not)")
    .option("--note <text>", "why, for the evidence", "")
    .action(async (id: string | undefined, { note }: { note: string }, command: Command) => {
      const { api, json } = sessionOf(command);
      const number = await numberOf(api, id);
      await api.post<RolloutView>(`/v1/rollouts/${number}/abort`, { note });
      await followRollout(api, number, json);
      // Aborted is what was asked for.
      if (process.exitCode === EXIT.takenBack) process.exitCode = EXIT.ok;
    });

  addCommonOptions(rollout.command("list"))
    .description("rollouts, newest first")
    .option("--limit <n>", "how many", wholeNumber, 20)
    .action(async ({ limit }: { limit: number }, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<RolloutsAnswer>(`/v1/rollouts?limit=${limit}`);
      if (json) printJson(answer);
      else print(showRollouts(answer.rollouts));
    });

  addCommonOptions(rollout.command("show [id]"))
    .description("one rollout; the newest unless told")
    .option("--evidence", "with all that was recorded: transitions, verdicts, who did what", false)
    .action(async (id: string | undefined, { evidence }: { evidence: boolean }, command: Command) => {
      const { api, json } = sessionOf(command);
      const number = id === undefined ? await newest(api) : wholeNumber(id);
      if (evidence) {
        const answer = await api.get<RolloutEvidence>(`/v1/rollouts/${number}/evidence`);
        if (json) printJson(answer);
        else print(showEvidence(answer));
        return;
      }
      const answer = await api.get<RolloutView>(`/v1/rollouts/${number}`);
      if (json) printJson(answer);
      else print(showRollout(answer));
    });
}

/** The rollout meant: the one given, or the only one that runs. */
async function numberOf(api: ApiClient, id: string | undefined): Promise<number> {
  if (id !== undefined) return wholeNumber(id);
  const { rollouts } = await api.get<RolloutsAnswer>("/v1/rollouts?limit=100");
  const running = rollouts.filter((one) => !hasEnded(one));
  const [only] = running;
  if (only !== undefined && running.length === 1) return only.id;
  const which = running.map((one) => one.id).join(", ");
  throw new CliError(
    EXIT.usage,
    only === undefined ? "no rollout is running" : `which one? running: ${which}`,
  );
}

async function newest(api: ApiClient): Promise<number> {
  const [first] = (await api.get<RolloutsAnswer>("/v1/rollouts?limit=1")).rollouts;
  if (first === undefined) throw new CliError(EXIT.refused, "there has been no rollout yet");
  return first.id;
}

function select(text: string, before: Selected): Selected {
  const edges = [...before.edges];
  const labels = { ...before.labels };
  for (const word of text.split(",").map((one) => one.trim())) {
    const [key = "", value, more] = word.split("=");
    if (key === "" || value === "" || more !== undefined)
      throw new InvalidArgumentError(`${JSON.stringify(word)} is neither an Edge nor KEY=VALUE`);
    if (value === undefined) edges.push(key);
    else labels[key] = value;
  }
  return { edges, labels };
}

const METRIC_WORDS: Readonly<Record<string, RolloutBody["metrics"][string]>> = {
  critical: { critical: true },
  minor: { critical: false },
  required: { mustHaveData: true },
  optional: { mustHaveData: false },
  off: { off: true },
};

function metricChange(text: string, before: RolloutBody["metrics"]): RolloutBody["metrics"] {
  const [, name = "", words = ""] = /^([a-z][a-z-]*)=([a-z+]+)$/.exec(text) ?? [];
  const changes = words.split("+").map((word) => METRIC_WORDS[word]);
  if (name === "" || changes.some((change) => change === undefined))
    throw new InvalidArgumentError(
      `${JSON.stringify(text)} is not NAME=WORD; words: ${Object.keys(METRIC_WORDS).join(", ")}`,
    );
  return { ...before, [name]: Object.assign({}, before[name], ...changes) };
}
