import { Text } from "@mantine/core";
import { ApiError } from "../../api/client.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Failure } from "../../parts/failure.tsx";
import { securityTexts } from "./security.texts.ts";

/** Why a password or code was not taken. */
export function ProofFailure({
  error,
  wrong,
}: {
  readonly error: unknown;
  readonly wrong: "bad-code" | "bad-password" | "bad-proof";
}) {
  const t = useTexts(securityTexts);
  if (error === null) return null;
  const known: Readonly<Record<string, "bad-code" | "bad-password" | "bad-proof" | "too-many">> = {
    "sign-in-refused": wrong,
    "bad-proof": wrong,
    "too-many-requests": "too-many",
  };
  const text = error instanceof ApiError ? known[error.code] : undefined;
  if (text === undefined) return <Failure error={error} />;
  return (
    <Text role="alert" c="var(--mantine-color-error)">
      {t(text)}
    </Text>
  );
}
