import {
  Button,
  Checkbox,
  NativeSelect,
  PasswordInput,
  Stack,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, api, dataOf } from "../../api/client.ts";
import type { Application } from "../../api/types.ts";
import { sha256 } from "../../crypto/sha256.ts";
import { useFormat } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { type PiSeed, type PiWish, renderPi } from "../../model/pi-yaml.ts";
import { Failure } from "../../parts/failure.tsx";
import { setupTexts } from "./setup.texts.ts";
import { SetupFiles } from "./setup-files.tsx";

/** One of each band that is allowed indoors wherever Wi-Fi is. */
const CHANNELS = ["36", "6"] as const;
const UPLINKS = ["ethernet", "ngn-ra", "ngn-delegated"] as const;
/** Stands for the claim while the rest is looked at: none is spent on a form with a slip in it. */
const NO_CLAIM = { token: "vsix-claim", node: "access-0", expires: "9999-01-01T00:00:00.000Z" };

/** Makes the YAML of a vSIX Pi and what goes onto its card, as `vsix-pi render` does. Wi-Fi passphrase and keys leave the browser nowhere. */
export function PiSetup({ application }: { readonly application: Application }) {
  const t = useTexts(setupTexts);
  const format = useFormat();
  const [wish, setWish] = useState<PiWish>({
    ...{ service: application.service, hostname: application.device.replaceAll(/[._]/g, "-") },
    ...{
      user: "pi",
      sshKeys: "",
      uplink: "ethernet",
      ssid: "",
      passphrase: "",
      country: "JP",
      channel: "36",
    },
  });
  const [again, setAgain] = useState(false);
  const make = useMutation({
    mutationFn: async (): Promise<PiSeed & { readonly expires?: string }> => {
      const look = await renderPi(wish, NO_CLAIM, Date.now(), sha256);
      if (!look.ok) return look;
      const params = { path: { id: application.id } };
      const body = { ttlS: 7 * 86_400, again };
      const claim = await dataOf(api.POST("/v1/me/applications/{id}/claim", { params, body }));
      return { ...(await renderPi(wish, claim, Date.now(), sha256)), expires: claim.expires };
    },
    gcTime: 0,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  const typed = (key: keyof PiWish) => ({
    value: wish[key],
    required: true,
    onChange: ({ currentTarget: { value } }: { readonly currentTarget: { readonly value: string } }) =>
      setWish((before) => ({ ...before, [key]: value })),
  });
  return (
    <Stack>
      <form onSubmit={submit}>
        <Stack maw={520}>
          <TextInput label={t("hostname")} maxLength={63} spellCheck={false} {...typed("hostname")} />
          <TextInput label={t("user")} maxLength={32} spellCheck={false} {...typed("user")} />
          <Textarea
            label={t("ssh-keys")}
            description={t("ssh-keys-hint")}
            autosize
            minRows={2}
            maxLength={16_384}
            spellCheck={false}
            {...typed("sshKeys")}
          />
          <NativeSelect
            label={t("uplink")}
            data={UPLINKS.map((value) => ({ value, label: t(`uplink-${value}`) }))}
            {...typed("uplink")}
          />
          <TextInput label={t("ssid")} maxLength={32} {...typed("ssid")} />
          <PasswordInput
            label={t("passphrase")}
            autoComplete="off"
            minLength={8}
            maxLength={63}
            {...typed("passphrase")}
          />
          <NativeSelect
            label={t("band")}
            data={CHANNELS.map((value) => ({ value, label: t(`band-${value}`) }))}
            {...typed("channel")}
          />
          <TextInput label={t("country")} minLength={2} maxLength={2} w={220} {...typed("country")} />
          {make.error !== null && <Failure error={make.error} />}
          {make.error instanceof ApiError && make.error.code === "already-enrolled" && (
            <Checkbox
              label={t("replace")}
              checked={again}
              onChange={({ currentTarget }) => setAgain(currentTarget.checked)}
            />
          )}
          {make.data?.ok === false && (
            <div role="alert">
              {make.data.faults.map(({ path, message }) => (
                <Text key={path + message} c="var(--mantine-color-error)" size="sm">
                  {t("fault-at", { path, message })}
                </Text>
              ))}
            </div>
          )}
          <Button type="submit" loading={make.isPending}>
            {t("make-files")}
          </Button>
        </Stack>
      </form>
      {make.data?.ok === true && (
        <Stack component="section" aria-label={t("pi")}>
          <Text role="status">{t("claim-once", { time: format.time(make.data.expires ?? "") })}</Text>
          <SetupFiles
            files={[
              ...Object.entries(make.data.files).map(([path, text]) => ({
                path,
                text,
                mode: "0600" as const,
              })),
              { path: "vsix-pi.yaml", mode: "0600", text: make.data.yaml },
            ]}
          />
        </Stack>
      )}
    </Stack>
  );
}
