import { Button, Group, Paper, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, dataOf } from "../../api/client.ts";
import { knowsPasskeys, makePasskey, PasskeyError } from "../../api/passkey.ts";
import { keepSession } from "../../api/queries.ts";
import type { Passkey } from "../../api/types.ts";
import { useFormat } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { CurrentPassword } from "../../parts/current-password.tsx";
import { DeedDialogue } from "../../parts/deed-dialogue.tsx";
import { useNow } from "../../parts/now.ts";
import { proofsQuery } from "./own-queries.ts";
import { passkeysTexts } from "./passkeys.texts.ts";
import { ProofFailure } from "./proof-failure.tsx";
import { ProofSection } from "./proof-section.tsx";

/** A name has 64 characters at most. */
const LONGEST = 64;

/** A user's passkeys: made, named, removed. */
export function Passkeys({ passkeys }: { readonly passkeys: readonly Passkey[] }) {
  const t = useTexts(passkeysTexts);
  return (
    <ProofSection title={t("title")} lead={t("lead")}>
      {passkeys.map((passkey) => (
        <PasskeyCard key={passkey.id} passkey={passkey} />
      ))}
      {knowsPasskeys() ? <NewPasskey /> : <Text>{t("unknown-here")}</Text>}
    </ProofSection>
  );
}

function PasskeyCard({ passkey: { id, name, createdAt, usedAt } }: { readonly passkey: Passkey }) {
  const t = useTexts(passkeysTexts);
  const format = useFormat();
  const now = useNow();
  const used = usedAt === null ? t("never-used") : t("used", { time: format.ago(usedAt, now) });
  return (
    <Paper withBorder p="sm" component="article" aria-label={name}>
      <Group justify="space-between">
        <div>
          <Text fw={600}>{name}</Text>
          <Text size="sm">
            {t("made", { time: format.time(createdAt) })} {used}
          </Text>
        </div>
        <Group gap="xs">
          <Rename id={id} name={name} />
          <Remove id={id} name={name} />
        </Group>
      </Group>
    </Paper>
  );
}

interface Named {
  readonly id: number;
  readonly name: string;
}

function Rename({ id, name }: Named) {
  const t = useTexts(passkeysTexts);
  const client = useQueryClient();
  const [isOpen, { open, close }] = useDisclosure();
  const [typed, setTyped] = useState(name);
  const rename = useMutation({
    mutationFn: () =>
      api.POST("/v1/portal/passkeys/{id}/rename", {
        params: { path: { id } },
        body: { name: typed.trim() },
      }),
    onSuccess: async () => {
      close();
      await client.invalidateQueries({ queryKey: proofsQuery.queryKey });
    },
  });
  const title = t("rename-of", { name });
  return (
    <>
      <Button variant="default" size="xs" aria-label={title} onClick={open}>
        {t("rename")}
      </Button>
      <DeedDialogue title={title} word={t("rename")} isOpen={isOpen} onClose={close} deed={rename}>
        <NameInput value={typed} onChange={setTyped} />
      </DeedDialogue>
    </>
  );
}

function Remove({ id, name }: Named) {
  const t = useTexts(passkeysTexts);
  const client = useQueryClient();
  const [isOpen, { open, close }] = useDisclosure();
  const [password, setPassword] = useState("");
  const remove = useMutation({
    mutationFn: () =>
      dataOf(api.POST("/v1/portal/passkeys/{id}/remove", { params: { path: { id } }, body: { password } })),
    onSuccess: async (session) => {
      close();
      keepSession(client, session);
      await client.invalidateQueries({ queryKey: proofsQuery.queryKey });
    },
    onSettled: () => setPassword(""),
  });
  const title = t("remove-of", { name });
  return (
    <>
      <Button variant="default" size="xs" aria-label={title} onClick={open}>
        {t("remove")}
      </Button>
      <DeedDialogue
        title={title}
        word={t("remove")}
        isOpen={isOpen}
        onClose={close}
        deed={remove}
        isDangerous
        failure={<ProofFailure error={remove.error} wrong="bad-password" />}
      >
        <Text>{t("remove-sure")}</Text>
        <CurrentPassword value={password} onChange={setPassword} />
      </DeedDialogue>
    </>
  );
}

function NewPasskey() {
  const t = useTexts(passkeysTexts);
  const client = useQueryClient();
  const [isOpen, { open, close }] = useDisclosure();
  const [name, setName] = useState(nameOfDevice);
  const [password, setPassword] = useState("");
  const make = useMutation({
    mutationFn: () => makePasskey(name.trim(), password),
    onSuccess: async (session) => {
      close();
      setPassword("");
      keepSession(client, session);
      // The role's rights are there from now on.
      await client.invalidateQueries();
    },
    gcTime: 0,
  });
  return (
    <>
      {make.isSuccess && <Text role="status">{t("added")}</Text>}
      <Button w="fit-content" onClick={open}>
        {t("add")}
      </Button>
      <DeedDialogue
        title={t("add")}
        word={t("add")}
        isOpen={isOpen}
        onClose={close}
        deed={make}
        failure={<MakeFailure error={make.error} />}
      >
        <NameInput value={name} onChange={setName} />
        <CurrentPassword value={password} onChange={setPassword} />
        {make.isPending && <Text role="status">{t("waits")}</Text>}
      </DeedDialogue>
    </>
  );
}

function MakeFailure({ error }: { readonly error: unknown }) {
  const t = useTexts(passkeysTexts);
  if (!(error instanceof PasskeyError)) return <ProofFailure error={error} wrong="bad-password" />;
  return (
    <Text role="alert" c="var(--mantine-color-error)">
      {t(`problem-${error.problem}`)}
    </Text>
  );
}

function NameInput({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (typed: string) => void;
}) {
  const t = useTexts(passkeysTexts);
  return (
    <TextInput
      label={t("name")}
      description={t("name-hint")}
      autoComplete="off"
      required
      maxLength={LONGEST}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}

/** What to call it until its user thinks of something better. */
function nameOfDevice(): string {
  return /iPhone|iPad|Android|Macintosh|Windows|CrOS|Linux/.exec(navigator.userAgent)?.[0] ?? "";
}
