import process from "node:process";
import { styleText } from "node:util";

type Style = "red" | "green" | "yellow" | "blue" | "bold" | "dim";

/** Colours only where a person looks; styleText itself honours NO_COLOR. */
export function paint(style: Style, text: string): string {
  return process.stdout.isTTY ? styleText(style, text) : text;
}

/** A plane's name in its own colour, where it has one. */
export function paintPlane(plane: string | null): string {
  if (plane === null) return paint("red", "none");
  return plane === "blue" || plane === "green" ? paint(plane, plane) : plane;
}

export function print(text: string): void {
  if (text !== "") process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function milliseconds(ms: number | null): string {
  if (ms === null) return "-";
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s`;
}
