import { Button, Code, CopyButton, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { api, dataOf } from "../../api/client.ts";
import { seal } from "../../crypto/seal.ts";
import { useFormat } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { fragmentOf, type ShownOnce } from "../../model/shown-once.ts";
import { Failure } from "../../parts/failure.tsx";
import { setupTexts } from "./setup.texts.ts";

const TTL_S = 86_400;

/** Hands a file to another device or person: by a link that shows it once, sealed here with a key that only the link has. */
export function OneTimeLink({ file }: { readonly file: ShownOnce }) {
  const t = useTexts(setupTexts);
  const format = useFormat();
  const make = useMutation({
    mutationFn: async () => {
      const { sealed, key } = await seal(JSON.stringify(file));
      const made = await dataOf(api.POST("/v1/portal/once", { body: { sealed, ttlS: TTL_S } }));
      return { url: `${location.origin}/once#${fragmentOf(made.link, key)}`, expiresAt: made.expiresAt };
    },
    gcTime: 0,
  });
  return (
    <>
      <Button
        variant="default"
        size="xs"
        loading={make.isPending}
        aria-label={t("make-link-of", { name: file.name })}
        onClick={() => make.mutate()}
      >
        {t("make-link")}
      </Button>
      {make.error !== null && <Failure error={make.error} />}
      {make.data !== undefined && (
        <Stack gap={4} w="100%" role="status">
          <Text size="sm">{t("link-lead", { time: format.time(make.data.expiresAt) })}</Text>
          <Group gap="xs">
            <Code block tabIndex={0} aria-label={t("link-label")} maw="100%">
              {make.data.url}
            </Code>
            <CopyButton value={make.data.url}>
              {({ copy }) => (
                <Button variant="default" size="xs" onClick={copy}>
                  {t("link-copy")}
                </Button>
              )}
            </CopyButton>
          </Group>
        </Stack>
      )}
    </>
  );
}
