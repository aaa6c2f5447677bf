import { Button, Divider, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, api, dataOf } from "../../api/client.ts";
import { knowsPasskeys } from "../../api/passkey.ts";
import { doorQuery, keepSession } from "../../api/queries.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Failure } from "../../parts/failure.tsx";
import { doorTexts } from "./door.texts.ts";
import { DoorFrame } from "./door-frame.tsx";
import { PasskeyButton } from "./passkey-button.tsx";
import { ProviderButton } from "./provider-button.tsx";

/** Name and password, and the code where the account has a second factor. */
export function SignInPage() {
  const t = useTexts(doorTexts);
  const client = useQueryClient();
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [wantsCode, setWantsCode] = useState(false);
  const signIn = useMutation({
    mutationFn: () => {
      const typed = code.replaceAll(" ", "");
      const body = { user: user.trim(), password, ...(typed === "" ? {} : { code: typed }) };
      return dataOf(api.POST("/v1/portal/sign-in", { body }));
    },
    onSuccess: (session) => keepSession(client, session),
    onError: (error) => {
      if (codeOf(error) === "second-factor-wanted") setWantsCode(true);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <DoorFrame title={t("title")}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label={t("user")}
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            value={user}
            onChange={({ currentTarget }) => setUser(currentTarget.value)}
          />
          <PasswordInput
            label={t("password")}
            name="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={({ currentTarget }) => setPassword(currentTarget.value)}
          />
          {wantsCode && (
            <TextInput
              label={t("code")}
              description={t("code-hint")}
              name="code"
              autoComplete="one-time-code"
              autoFocus
              required
              value={code}
              onChange={({ currentTarget }) => setCode(currentTarget.value)}
            />
          )}
          <SignInProblem error={signIn.error} />
          <Button type="submit" loading={signIn.isPending}>
            {t("sign-in")}
          </Button>
        </Stack>
      </form>
      <OtherWays />
    </DoorFrame>
  );
}

/** Ways in without a password, where there are any. */
function OtherWays() {
  const t = useTexts(doorTexts);
  const door = useQuery(doorQuery).data;
  const byPasskey = door?.passkeys === true && knowsPasskeys();
  if (!byPasskey && door?.provider == null) return null;
  return (
    <Stack mt="md">
      <Divider label={t("or")} />
      {byPasskey && <PasskeyButton />}
      <ProviderButton />
    </Stack>
  );
}

function SignInProblem({ error }: { readonly error: unknown }) {
  const t = useTexts(doorTexts);
  if (error === null) return null;
  const code = codeOf(error);
  if (code === "second-factor-wanted") return <Text role="status">{t("code-wanted")}</Text>;
  const known: Readonly<Record<string, string>> = {
    "sign-in-refused": t("refused"),
    "bad-request": t("refused"),
    "too-many-requests": t("too-many"),
  };
  const text = known[code];
  if (text === undefined) return <Failure error={error} />;
  return (
    <Text role="alert" c="var(--mantine-color-error)">
      {text}
    </Text>
  );
}

function codeOf(error: unknown): string {
  return error instanceof ApiError ? error.code : "";
}
