import { Button, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "../../api/client.ts";
import { PasskeyError, signInByPasskey } from "../../api/passkey.ts";
import { keepSession } from "../../api/queries.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Failure } from "../../parts/failure.tsx";
import { doorTexts } from "./door.texts.ts";

/** The way in by a passkey. */
export function PasskeyButton() {
  const t = useTexts(doorTexts);
  const client = useQueryClient();
  const signIn = useMutation({
    mutationFn: signInByPasskey,
    onSuccess: (session) => keepSession(client, session),
  });
  return (
    <>
      <PasskeyProblem error={signIn.error} />
      <Button variant="default" loading={signIn.isPending} onClick={() => signIn.mutate()}>
        {t("by-passkey")}
      </Button>
    </>
  );
}

function PasskeyProblem({ error }: { readonly error: unknown }) {
  const t = useTexts(doorTexts);
  if (error === null) return null;
  const text =
    error instanceof PasskeyError
      ? t(error.problem === "cancelled" ? "passkey-cancelled" : "passkey-failed")
      : error instanceof ApiError && error.code === "sign-in-refused"
        ? t("passkey-refused")
        : error instanceof ApiError && error.code === "too-many-requests"
          ? t("too-many")
          : undefined;
  if (text === undefined) return <Failure error={error} />;
  return (
    <Text role="alert" c="var(--mantine-color-error)">
      {text}
    </Text>
  );
}
