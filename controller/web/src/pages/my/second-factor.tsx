import { Button, Code, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, dataOf } from "../../api/client.ts";
import { doorQuery, keepSession } from "../../api/queries.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { CurrentPassword } from "../../parts/current-password.tsx";
import { ProofFailure } from "./proof-failure.tsx";
import { QrCode } from "./qr-code.tsx";
import { securityTexts } from "./security.texts.ts";

/** Setting up a second factor, or taking it away: whoever has none begins with his password. */
export function SecondFactor() {
  const t = useTexts(securityTexts);
  const session = useQuery(doorQuery).data?.session;
  const [codes, setCodes] = useState<readonly string[]>();
  const has = session?.secondFactor !== "none";
  return (
    <Stack component="section" aria-label={t("second-factor")} maw={420}>
      <Title order={2} size="h3">
        {t("second-factor")}
      </Title>
      <Text>{has ? t("factor-is") : t("factor-none")}</Text>
      {codes !== undefined && <RecoveryCodes codes={codes} />}
      {has ? <Removal /> : <SetUp onDone={setCodes} />}
    </Stack>
  );
}

function RecoveryCodes({ codes }: { readonly codes: readonly string[] }) {
  const t = useTexts(securityTexts);
  return (
    <div role="status">
      <Text fw={600}>{t("recovery")}</Text>
      <Text>{t("recovery-lead")}</Text>
      <Code block tabIndex={0} aria-label={t("recovery")}>
        {codes.join("\n")}
      </Code>
    </div>
  );
}

function SetUp({ onDone }: { readonly onDone: (codes: readonly string[]) => void }) {
  const t = useTexts(securityTexts);
  const client = useQueryClient();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const begin = useMutation({
    mutationFn: () => dataOf(api.POST("/v1/portal/totp", { body: { password } })),
    onSuccess: () => setPassword(""),
    gcTime: 0,
  });
  const confirm = useMutation({
    mutationFn: () =>
      dataOf(api.POST("/v1/portal/totp/confirm", { body: { code: code.replaceAll(" ", "") } })),
    onSuccess: async ({ recoveryCodes }) => {
      onDone(recoveryCodes);
      // The role's rights are there from now on.
      await client.invalidateQueries();
    },
    gcTime: 0,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (begin.data === undefined) begin.mutate();
    else confirm.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {begin.data === undefined ? (
          <>
            <CurrentPassword value={password} onChange={setPassword} />
            <ProofFailure error={begin.error} wrong="bad-password" />
            <Button type="submit" loading={begin.isPending}>
              {t("begin")}
            </Button>
          </>
        ) : (
          <>
            <Text>{t("scan")}</Text>
            <QrCode text={begin.data.uri} label={t("qr")} />
            <Code data-secret>{begin.data.secret}</Code>
            <TextInput
              label={t("code")}
              autoComplete="one-time-code"
              inputMode="numeric"
              required
              value={code}
              onChange={({ currentTarget }) => setCode(currentTarget.value)}
            />
            <ProofFailure error={confirm.error} wrong="bad-code" />
            <Button type="submit" loading={confirm.isPending}>
              {t("confirm")}
            </Button>
          </>
        )}
      </Stack>
    </form>
  );
}

function Removal() {
  const t = useTexts(securityTexts);
  const client = useQueryClient();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const remove = useMutation({
    mutationFn: () =>
      dataOf(api.POST("/v1/portal/totp/remove", { body: { password, code: code.replaceAll(" ", "") } })),
    onSuccess: (session) => keepSession(client, session),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    remove.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <CurrentPassword value={password} onChange={setPassword} />
        <TextInput
          label={t("code")}
          autoComplete="one-time-code"
          required
          value={code}
          onChange={({ currentTarget }) => setCode(currentTarget.value)}
        />
        <ProofFailure error={remove.error} wrong="bad-code" />
        <Button type="submit" variant="default" loading={remove.isPending}>
          {t("remove")}
        </Button>
      </Stack>
    </form>
  );
}
