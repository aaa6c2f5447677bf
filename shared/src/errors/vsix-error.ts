/**
 * The one base of every expected failure in this project: a stable `code` that programs match on, a message for
 * people, the `cause` kept whole, and where in the input the fault lies when there is such a place.
 * Nobody matches on messages.
 */
export class VsixError<Code extends string = string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "VsixError";
    this.code = code;
  }
}
