import { getSystemErrorMessage, getSystemErrorName } from "node:util";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";

/** Positive errno values that code tells apart. Source: asm-generic/errno-base.h, errno.h. */
export const ERRNO = {
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  EOPNOTSUPP: 95,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENOBUFS: 105,
} as const;

/** The kernel refused a request, or it could not be made. */
export class NetlinkError extends VsixError<"netlink-refused"> {
  /** Positive errno. */
  readonly errno: number;
  /** Its name: ENOENT. */
  readonly errnoName: string;
  /** The kernel's own words (NLMSGERR_ATTR_MSG), where it has any. */
  readonly extack: string | undefined;

  constructor(errno: number, extack?: string, options?: { readonly cause?: unknown }) {
    const name = errnoName(errno);
    super("netlink-refused", `${extack ?? getSystemErrorMessage(-errno) ?? "refused"} (${name})`, options);
    this.name = "NetlinkError";
    this.errno = errno;
    this.errnoName = name;
    this.extack = extack;
  }
}

function errnoName(errno: number): string {
  try {
    return getSystemErrorName(-errno);
  } catch {
    return `errno ${errno}`;
  }
}

/** The socket itself is of no more use: closed, or the kernel answers nonsense. */
export class NetlinkTransportError extends VsixError<"netlink-transport"> {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super("netlink-transport", message, options);
    this.name = "NetlinkTransportError";
  }
}
