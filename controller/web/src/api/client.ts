import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "../gen/api.ts";

/** Something wrong at a place of a file that was sent; lines and columns from 1. */
export type Fault = NonNullable<
  components["responses"]["Refused"]["content"]["application/json"]["error"]["faults"]
>[number];

/** What the controller refused, with its stable code; `network`: it could not be asked. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly faults: readonly Fault[];

  constructor(code: string, message: string, status: number, faults: readonly Fault[] = []) {
    super(message);
    this.faults = faults;
    this.name = "ApiError";
    this.code = code;
    this.status = status;
  }
}

type Listener = () => void;
const signedOut = new Set<Listener>();

/** Calls back when the controller says that nobody is signed in any more. */
export function onSignedOut(listener: Listener): () => void {
  signedOut.add(listener);
  return () => signedOut.delete(listener);
}

export function tellSignedOut(): void {
  for (const listener of signedOut) listener();
}

/** Every refusal becomes an ApiError, so that queries and forms have one kind of failure. */
const refusals: Middleware = {
  onResponse: async ({ response }) => {
    if (response.ok) return undefined;
    const body: unknown = await response.json().catch(() => undefined);
    const error = errorOf(body);
    if (error.code === "unauthenticated") tellSignedOut();
    throw new ApiError(error.code, error.message, response.status, error.faults);
  },
  onError: ({ error }) => {
    if (error instanceof ApiError) return error;
    return new ApiError("network", error instanceof Error ? error.message : "", 0);
  },
};

function errorOf(body: unknown): {
  readonly code: string;
  readonly message: string;
  readonly faults?: readonly Fault[];
} {
  if (typeof body === "object" && body !== null && "error" in body) {
    const { error } = body;
    if (typeof error === "object" && error !== null && "code" in error && "message" in error)
      return {
        code: String(error.code),
        message: String(error.message),
        ...("faults" in error && Array.isArray(error.faults) ? { faults: error.faults } : {}),
      };
  }
  return { code: "bad-answer", message: "" };
}

/** The controller's API: paths, parameters, bodies and answers have the types of its own OpenAPI document. */
export const api = createClient<paths>({ baseUrl: "/" });
api.use(refusals);

/** The body of an answer; refusals were thrown already. */
export async function dataOf<T>(answer: Promise<{ readonly data?: T }>): Promise<T> {
  const { data } = await answer;
  if (data === undefined) throw new ApiError("bad-answer", "", 200);
  return data;
}
