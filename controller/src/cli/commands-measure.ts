import type { Command } from "commander";
import type { MeasureAnswer } from "../http/routes-measure.ts";
import { wholeNumber } from "./numbers.ts";
import { paint, paintPlane, print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";
import { formatTable } from "./table.ts";

/** Below so much of what should have been told of, figures are marked. */
const ENOUGH = 0.9;

/** measure. */
export function addMeasureCommand(program: Command): void {
  addCommonOptions(program.command("measure"))
    .description("loss and round trips of every plane over the same targets, and of every Edge as it is now")
    .option("--last <seconds>", "of how long, 5 to 600", wholeNumber, 60)
    .option("--routers", "each router of a plane by itself", false)
    .action(async (options: { last: number; routers: boolean }, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<MeasureAnswer>(`/v1/measure?lastS=${options.last}`);
      if (json) printJson(answer);
      else print(showMeasurements(answer, options.routers));
    });
}

type Row = MeasureAnswer["planes"][number];

export function showMeasurements(answer: MeasureAnswer, routers: boolean): string {
  const planes = routers ? answer.routers : answer.planes;
  return [
    planes.length === 0
      ? "no targets: name some under `measure` in the fabric file"
      : formatTable(
          ["PLANE", ...(routers ? ["ROUTER"] : []), "TARGET", ...FIGURES],
          planes.map((row) => [
            paintPlane(row.plane),
            ...(routers ? [row.node ?? ""] : []),
            row.target,
            ...figures(row),
          ]),
        ),
    formatTable(
      ["EDGE", "FROM", ...FIGURES],
      answer.edges.map((row) => [row.target, row.node ?? "", ...figures(row)]),
    ),
  ]
    .filter((text) => text !== "")
    .join("\n\n");
}

const FIGURES = ["SENT", "LOSS", "RTT P50", "RTT P95", "JITTER", "NOTE"];

function figures(row: Row): string[] {
  const { sent, lost, lossPercent, p50Us, p95Us, jitterUs } = row;
  const loss = lossPercent === null ? "-" : `${lossPercent.toFixed(2)}%`;
  return [
    String(sent),
    lost > 0 ? paint("yellow", loss) : loss,
    ...[p50Us, p95Us, jitterUs].map(showUs),
    notesOf(row).join(", "),
  ];
}

function notesOf({ complete, unsent, late }: Row): string[] {
  return [
    ...(complete < ENOUGH ? [paint("yellow", `${Math.floor(complete * 100)}% of the data`)] : []),
    ...(unsent > 0 ? [`${unsent} could not leave`] : []),
    ...(late > 0 ? [`${late} late`] : []),
  ];
}

function showUs(us: number | null): string {
  return us === null ? "-" : `${(us / 1000).toFixed(us < 10_000 ? 2 : 1)} ms`;
}
