import { normalizeIP } from "@fastify/rate-limit";
import { TooManyRequests } from "../http/limits.ts";
import type { Portal } from "./portal.ts";

/** Counts an attempt by its address, an IPv6 /64 or an IPv4 address, until what it returns is called. Throws TooManyRequests. */
export function countAddress(
  { attempts, clock }: Pick<Portal, "attempts" | "clock">,
  from: string,
): () => void {
  const address = normalizeIP(from);
  const nowMs = clock.monotonicMs();
  if (!attempts.address.take(address, nowMs))
    throw new TooManyRequests("to sign in from this address", attempts.address.waitS(nowMs));
  return () => attempts.address.giveBack(address, clock.monotonicMs());
}

/** The same by the user whom it is for: who has many addresses tries no more. Throws TooManyRequests. */
export function countAccount(
  { attempts, clock }: Pick<Portal, "attempts" | "clock">,
  account: string,
): () => void {
  const nowMs = clock.monotonicMs();
  if (!attempts.account.take(account, nowMs))
    throw new TooManyRequests("to sign in as this user", attempts.account.waitS(nowMs));
  return () => attempts.account.giveBack(account, clock.monotonicMs());
}
