import { Button, Code, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, dataOf } from "../../api/client.ts";
import { keepSession } from "../../api/queries.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { CurrentPassword } from "../../parts/current-password.tsx";
import { DeedDialogue } from "../../parts/deed-dialogue.tsx";
import { proofsQuery } from "./own-queries.ts";
import { ProofFailure } from "./proof-failure.tsx";
import { ProofSection } from "./proof-section.tsx";
import { QrCode } from "./qr-code.tsx";
import { securityTexts } from "./security.texts.ts";

/** Setting up a second factor, or taking it away: whoever has none begins with his password. */
export function SecondFactor({
  isSet,
  recoveryCodesLeft,
}: {
  readonly isSet: boolean;
  readonly recoveryCodesLeft: number;
}) {
  const t = useTexts(securityTexts);
  const [codes, setCodes] = useState<readonly string[]>();
  const lead = isSet
    ? `${t("factor-is")} ${t("codes-left", { count: recoveryCodesLeft })}`
    : t("factor-none");
  return (
    <ProofSection title={t("second-factor")} lead={lead}>
      {codes !== undefined && <RecoveryCodes codes={codes} />}
      {isSet ? <Removal /> : <SetUp onDone={setCodes} />}
    </ProofSection>
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
  const [isOpen, { open, close }] = useDisclosure();
  const [password, setPassword] = useState("");
  const begin = useMutation({
    mutationFn: () => dataOf(api.POST("/v1/portal/totp", { body: { password } })),
    onSuccess: () => {
      close();
      setPassword("");
    },
    gcTime: 0,
  });
  if (begin.data !== undefined) return <Confirmation {...begin.data} onDone={onDone} />;
  return (
    <>
      <Button w="fit-content" variant="default" onClick={open}>
        {t("begin")}
      </Button>
      <DeedDialogue
        title={t("begin")}
        word={t("begin")}
        isOpen={isOpen}
        onClose={close}
        deed={begin}
        failure={<ProofFailure error={begin.error} wrong="bad-password" />}
      >
        <CurrentPassword value={password} onChange={setPassword} />
      </DeedDialogue>
    </>
  );
}

/** The secret, to be read by an authenticator application, and a code of it to show that it was. */
function Confirmation({
  uri,
  secret,
  onDone,
}: {
  readonly uri: string;
  readonly secret: string;
  readonly onDone: (codes: readonly string[]) => void;
}) {
  const t = useTexts(securityTexts);
  const client = useQueryClient();
  const [code, setCode] = useState("");
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
    confirm.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text>{t("scan")}</Text>
        <QrCode text={uri} label={t("qr")} />
        <Code data-secret>{secret}</Code>
        <CodeInput value={code} onChange={setCode} />
        <ProofFailure error={confirm.error} wrong="bad-code" />
        <Button type="submit" loading={confirm.isPending}>
          {t("confirm")}
        </Button>
      </Stack>
    </form>
  );
}

function CodeInput({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (typed: string) => void;
}) {
  const t = useTexts(securityTexts);
  return (
    <TextInput
      label={t("code")}
      autoComplete="one-time-code"
      required
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}

function Removal() {
  const t = useTexts(securityTexts);
  const client = useQueryClient();
  const [isOpen, { open, close }] = useDisclosure();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const remove = useMutation({
    mutationFn: () =>
      dataOf(api.POST("/v1/portal/totp/remove", { body: { password, code: code.replaceAll(" ", "") } })),
    onSuccess: async (session) => {
      close();
      keepSession(client, session);
      await client.invalidateQueries({ queryKey: proofsQuery.queryKey });
    },
  });
  return (
    <>
      <Button w="fit-content" variant="default" onClick={open}>
        {t("remove")}
      </Button>
      <DeedDialogue
        title={t("remove")}
        word={t("remove")}
        isOpen={isOpen}
        onClose={close}
        deed={remove}
        isDangerous
        failure={<ProofFailure error={remove.error} wrong="bad-proof" />}
      >
        <CurrentPassword value={password} onChange={setPassword} />
        <CodeInput value={code} onChange={setCode} />
      </DeedDialogue>
    </>
  );
}
