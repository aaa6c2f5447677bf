import type { Server, Socket } from "node:net";
import rateLimit, { type CreateRateLimitOptions, normalizeIP } from "@fastify/rate-limit";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ControllerError } from "../errors.ts";

/** How much the API takes on TCP; the unix socket is the operator's own and has no limits. */
export interface ApiLimits {
  readonly tokenPerMinute: number;
  /** An address is an IPv4 address or an IPv6 /64. */
  readonly addressPerMinute: number;
  /** Requests without a good token, by address. */
  readonly failuresPerMinute: number;
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** How long a client may take for a TLS handshake, and for a request's headers. */
  readonly headersMs: number;
}

const WINDOW_MS = 60_000;

/** A refusal that passes by itself. */
export class TooManyRequests extends ControllerError {
  readonly retryAfterS: number;

  constructor(of: string, retryAfterS: number) {
    super("too-many-requests", `too many requests ${of}; again in ${retryAfterS} s`);
    this.retryAfterS = retryAfterS;
  }
}

/** Each counts one more, and throws TooManyRequests when that was one too many. */
export interface RateLimits {
  readonly address: (request: FastifyRequest) => Promise<void>;
  readonly failure: (request: FastifyRequest) => Promise<void>;
  /** By the principal, who must be known. */
  readonly token: (request: FastifyRequest) => Promise<void>;
}

/** Registers the limits of one server. Counts are its own, in memory, of the 5000 addresses or tokens seen last. */
export async function makeLimits(server: FastifyInstance, limits: ApiLimits): Promise<RateLimits> {
  await server.register(rateLimit, { global: false });
  const limiter = (of: string, options: CreateRateLimitOptions) => {
    const count = server.createRateLimit({ timeWindow: WINDOW_MS, ...options });
    return async (request: FastifyRequest): Promise<void> => {
      const counted = await count(request);
      if (!counted.isAllowed && counted.isExceeded) throw new TooManyRequests(of, counted.ttlInSeconds);
    };
  };
  return {
    address: limiter("from this address", { max: limits.addressPerMinute }),
    failure: limiter("without a good token from this address", { max: limits.failuresPerMinute }),
    token: limiter("with this token", {
      max: limits.tokenPerMinute,
      keyGenerator: ({ principal }) => principal?.who ?? "",
    }),
  };
}

/**
 * Cuts off what is one connection too many, in all or from one address. The unix socket has a server of its own, so that
 * ten thousand connections here take nothing from it.
 */
export function boundConnections(
  server: Server,
  { connections, connectionsPerAddress }: Pick<ApiLimits, "connections" | "connectionsPerAddress">,
): void {
  const byAddress = new Map<string, number>();
  server.maxConnections = connections;
  server.on("connection", (socket: Socket) => {
    const address = normalizeIP(socket.remoteAddress ?? "");
    const count = (byAddress.get(address) ?? 0) + 1;
    byAddress.set(address, count);
    socket.once("close", () => {
      const left = (byAddress.get(address) ?? 1) - 1;
      if (left === 0) byAddress.delete(address);
      else byAddress.set(address, left);
    });
    if (count > connectionsPerAddress) socket.destroy();
  });
}
