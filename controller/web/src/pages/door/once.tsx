import { Button, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, api, dataOf } from "../../api/client.ts";
import { unseal } from "../../crypto/seal.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { isWireGuard, parseShownOnce, partsOf, type ShownOnce } from "../../model/shown-once.ts";
import { Failure } from "../../parts/failure.tsx";
import { ShownFile } from "../../parts/shown-file.tsx";
import { QrCode } from "../my/qr-code.tsx";
import { DoorFrame } from "./door-frame.tsx";
import { onceTexts } from "./once.texts.ts";

/**
 * Where a one-time link leads, whoever is signed in. Both of its halves stand behind the `#`; they are taken out of the address at once.
 * Nothing is asked for before somebody presses the button: programs that look at links in messages press none.
 */
export function OncePage() {
  const t = useTexts(onceTexts);
  const [parts] = useState(takeParts);
  const open = useMutation({
    mutationFn: async (): Promise<ShownOnce> => {
      if (parts === undefined) throw new ApiError("link-refused", "", 403);
      const { sealed } = await dataOf(api.POST("/v1/portal/once/open", { body: { link: parts.link } }));
      const shown = parseShownOnce(await unseal({ sealed, key: parts.key }));
      if (shown === undefined) throw new ApiError("bad-answer", "", 200);
      return shown;
    },
    gcTime: 0,
  });
  if (open.data !== undefined)
    return (
      <DoorFrame title={t("title")} isWide>
        <Stack>
          <Text role="status">{t("shown")}</Text>
          {isWireGuard(open.data.text) && <QrCode text={open.data.text} label={t("qr")} />}
          <ShownFile path={open.data.name} text={open.data.text} />
        </Stack>
      </DoorFrame>
    );
  const isRefused =
    parts === undefined || (open.error instanceof ApiError && open.error.code === "link-refused");
  return (
    <DoorFrame title={t("title")}>
      {isRefused ? (
        <Text role="alert">{t("refused")}</Text>
      ) : (
        <Stack>
          <Text>{t("lead")}</Text>
          {open.error !== null && <Failure error={open.error} />}
          <Button loading={open.isPending} onClick={() => open.mutate()}>
            {t("show")}
          </Button>
        </Stack>
      )}
    </DoorFrame>
  );
}

/** Made sure of for when the page is drawn twice before it is shown. */
let taken: ReturnType<typeof partsOf>;

function takeParts(): ReturnType<typeof partsOf> {
  if (location.hash !== "") {
    taken = partsOf(location.hash.slice(1));
    history.replaceState(history.state, "", location.pathname);
  }
  return taken;
}
