import { type BenchResult, type Figure, ratioOf } from "./bench-case.ts";
import type { Machine } from "./machine.ts";

/** One case as it was run. */
export interface CaseReport extends BenchResult {
  readonly name: string;
  readonly summary: string;
  /** The command that measures it again. */
  readonly command: string;
  readonly seconds: number;
}

/** One object for programs: figures carry their ratio. */
export function toJson(machine: Machine, reports: readonly CaseReport[]): string {
  const cases = reports.map((report) => ({
    ...report,
    figures: report.figures.map((figure) => {
      const ratio = ratioOf(figure);
      return ratio === undefined ? figure : { ...figure, ratio: round(ratio, 2) };
    }),
  }));
  return JSON.stringify({ machine, cases }, undefined, 2);
}

/** The same for people. */
export function toText(machine: Machine, reports: readonly CaseReport[]): string {
  const { cpu, cores, memoryMiB, kernel, node, date, loadBefore } = machine;
  const head = `${cpu}, ${cores} cores, ${memoryMiB} MiB; ${kernel}; node ${node}; ${date}; load ${loadBefore}`;
  return [head, ...reports.map(caseText)].join("\n\n");
}

function caseText({ name, summary, command, seconds, figures, setting, notes = [] }: CaseReport): string {
  const settings = Object.entries(setting).map(([key, value]) => `${key} ${value}`);
  const rows = [["", "value", "from…to", "peer", "faster", "aim"], ...figures.map(cells)];
  return [
    `${name}: ${summary} (${seconds.toFixed(0)} s)`,
    `  ${settings.join(", ")}`,
    ...table(rows).map((line) => `  ${line}`),
    ...notes.map((note) => `  ${note}`),
    `  again: ${command}`,
  ].join("\n");
}

function cells(figure: Figure): string[] {
  const { name, unit, value, min, max, peer, aim } = figure;
  const ratio = ratioOf(figure);
  return [
    name,
    `${number(value)} ${unit}`,
    min === undefined || max === undefined ? "" : `${number(min)}…${number(max)}`,
    peer === undefined ? "" : `${number(peer.value)} ${unit} (${peer.name})`,
    ratio === undefined ? "" : `${number(ratio)}×`,
    aim ?? "",
  ];
}

/** Columns as wide as their widest cell, the first flush left, the others flush right but for the last. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const place = (cell: string, column: number): string => {
    const width = widths[column] ?? 0;
    return column === 0 || column === widths.length - 1 ? cell.padEnd(width) : cell.padStart(width);
  };
  return rows.map((row) => row.map(place).join("  ").trimEnd());
}

/** Three significant digits where there is a fraction. */
function number(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return String(Math.round(value));
  return round(value, Math.abs(value) >= 10 ? 1 : 2).toString();
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
