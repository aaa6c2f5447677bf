import { Button, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, dataOf } from "../../api/client.ts";
import { keepSession } from "../../api/queries.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { CurrentPassword } from "../../parts/current-password.tsx";
import { ProofFailure } from "./proof-failure.tsx";
import { securityTexts } from "./security.texts.ts";

export function PasswordChange() {
  const t = useTexts(securityTexts);
  const client = useQueryClient();
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const change = useMutation({
    mutationFn: () => dataOf(api.POST("/v1/portal/password", { body: { current, password } })),
    onSuccess: (session) => {
      keepSession(client, session);
      setCurrent("");
      setPassword("");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Stack component="section" aria-label={t("change")} maw={420}>
      <Title order={2} size="h3">
        {t("change")}
      </Title>
      <form onSubmit={submit}>
        <Stack>
          <CurrentPassword value={current} onChange={setCurrent} />
          <PasswordInput
            label={t("new")}
            description={t("new-hint")}
            autoComplete="new-password"
            minLength={12}
            required
            value={password}
            onChange={({ currentTarget }) => setPassword(currentTarget.value)}
          />
          <ProofFailure error={change.error} wrong="bad-password" />
          {change.isSuccess && <Text role="status">{t("changed")}</Text>}
          <Button type="submit" loading={change.isPending}>
            {t("change")}
          </Button>
        </Stack>
      </form>
    </Stack>
  );
}
