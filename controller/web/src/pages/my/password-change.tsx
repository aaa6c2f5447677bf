import { Button, PasswordInput, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, dataOf } from "../../api/client.ts";
import { keepSession } from "../../api/queries.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { CurrentPassword } from "../../parts/current-password.tsx";
import { DeedDialogue } from "../../parts/deed-dialogue.tsx";
import { ProofFailure } from "./proof-failure.tsx";
import { ProofSection } from "./proof-section.tsx";
import { securityTexts } from "./security.texts.ts";

export function PasswordChange() {
  const t = useTexts(securityTexts);
  const client = useQueryClient();
  const [isOpen, { open, close }] = useDisclosure();
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const change = useMutation({
    mutationFn: () => dataOf(api.POST("/v1/portal/password", { body: { current, password } })),
    onSuccess: (session) => {
      close();
      keepSession(client, session);
      setCurrent("");
      setPassword("");
    },
  });
  return (
    <ProofSection title={t("password")} lead={t("password-lead")}>
      {change.isSuccess && <Text role="status">{t("changed")}</Text>}
      <Button w="fit-content" variant="default" onClick={open}>
        {t("change")}
      </Button>
      <DeedDialogue
        title={t("change")}
        word={t("change")}
        isOpen={isOpen}
        onClose={close}
        deed={change}
        failure={<ProofFailure error={change.error} wrong="bad-password" />}
      >
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
      </DeedDialogue>
    </ProofSection>
  );
}
