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
  readonly wrong: "bad-code" | "bad-password";
}) {
  const t = useTexts(securityTexts);
  if (error === null) return null;
  if (!(error instanceof ApiError) || !["sign-in-refused", "bad-proof"].includes(error.code))
    return <Failure error={error} />;
  return (
    <Text role="alert" c="var(--mantine-color-error)">
      {t(wrong)}
    </Text>
  );
}
