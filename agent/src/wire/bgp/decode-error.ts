import { VsixError } from "@vsix/shared/errors/vsix-error.ts";

export type BgpDecodeErrorCode = "bgp-header" | "bgp-open" | "bgp-update" | "bgp-notification";

/** NOTIFICATION error codes, RFC 4271 section 4.5. */
export const NOTIFY_HEADER = 1;
export const NOTIFY_OPEN = 2;
export const NOTIFY_UPDATE = 3;
export const NOTIFY_HOLD_TIMER = 4;
export const NOTIFY_FSM = 5;
export const NOTIFY_CEASE = 6;

/** A message that breaks the protocol; `notify` is the error code of the NOTIFICATION that answers it. */
export class BgpDecodeError extends VsixError<BgpDecodeErrorCode> {
  readonly notify: number;
  readonly subcode: number;

  constructor(code: BgpDecodeErrorCode, notify: number, subcode: number, message: string) {
    super(code, message);
    this.name = "BgpDecodeError";
    this.notify = notify;
    this.subcode = subcode;
  }
}

/** Message header errors, RFC 4271 section 6.1. */
export function headerError(subcode: number, message: string): BgpDecodeError {
  return new BgpDecodeError("bgp-header", NOTIFY_HEADER, subcode, message);
}

/** OPEN errors, RFC 4271 section 6.2. */
export function openError(subcode: number, message: string): BgpDecodeError {
  return new BgpDecodeError("bgp-open", NOTIFY_OPEN, subcode, message);
}

/** UPDATE errors, RFC 4271 section 6.3. */
export function updateError(subcode: number, message: string): BgpDecodeError {
  return new BgpDecodeError("bgp-update", NOTIFY_UPDATE, subcode, message);
}
