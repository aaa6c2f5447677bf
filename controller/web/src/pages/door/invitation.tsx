import { Button, PasswordInput, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { ApiError, api, dataOf } from "../../api/client.ts";
import { keepSession } from "../../api/queries.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Failure } from "../../parts/failure.tsx";
import { doorTexts } from "./door.texts.ts";
import { DoorFrame } from "./door-frame.tsx";

const SHORTEST = 12;

/**
 * Where the link of an invitation leads. What it opens stands behind the `#`, which browsers send to nobody; it is taken out of
 * the address at once, so that it stays in no history.
 */
export function InvitationPage() {
  const t = useTexts(doorTexts);
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [invitation] = useState(takeInvitation);
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const accept = useMutation({
    mutationFn: () => dataOf(api.POST("/v1/portal/invitation", { body: { invitation, password } })),
    onSuccess: (session) => {
      client.clear();
      keepSession(client, session);
      navigate("/", { replace: true });
    },
  });
  const differs = again !== "" && again !== password;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (again === password) accept.mutate();
  };
  if (invitation === "")
    return (
      <DoorFrame title={t("invitation-title")}>
        <Text role="alert">{t("invitation-missing")}</Text>
      </DoorFrame>
    );
  const isRefused = accept.error instanceof ApiError && accept.error.code === "invitation-refused";
  return (
    <DoorFrame title={t("invitation-title")}>
      <form onSubmit={submit}>
        <Stack>
          <Text>{t("invitation-lead")}</Text>
          <PasswordInput
            label={t("password")}
            description={t("password-hint")}
            name="new-password"
            autoComplete="new-password"
            minLength={SHORTEST}
            required
            value={password}
            onChange={({ currentTarget }) => setPassword(currentTarget.value)}
          />
          <PasswordInput
            label={t("password-again")}
            name="new-password-again"
            autoComplete="new-password"
            required
            value={again}
            error={differs ? t("password-differs") : undefined}
            onChange={({ currentTarget }) => setAgain(currentTarget.value)}
          />
          {isRefused && (
            <Text role="alert" c="var(--mantine-color-error)">
              {t("invitation-refused")}
            </Text>
          )}
          {accept.error !== null && !isRefused && <Failure error={accept.error} />}
          <Button type="submit" loading={accept.isPending}>
            {t("accept")}
          </Button>
        </Stack>
      </form>
    </DoorFrame>
  );
}

/** Made sure of for when the page is drawn twice before it is shown. */
let taken: string | undefined;

function takeInvitation(): string {
  if (taken === undefined || location.hash !== "") {
    taken = location.hash.slice(1);
    history.replaceState(history.state, "", location.pathname);
  }
  return taken;
}
