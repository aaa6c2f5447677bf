/** One thing wrong in a file that a person wrote, where it stands and how to put it right. Lines and columns count from 1. */
export interface Fault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `nodes.edge-1.as`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

export type Path = readonly (string | number)[];

/** A fault before its place in the text is known. */
export interface Finding {
  readonly path: Path;
  /** Point at the value (default), or at the key it stands under. */
  readonly at?: "key" | "value";
  readonly message: string;
}

export function pathText(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}

/** `FILE:LINE:COLUMN: MESSAGE`, as compilers print it. */
export function formatFault(fault: Fault): string {
  return `${fault.file}:${fault.line}:${fault.column}: ${fault.message}`;
}
