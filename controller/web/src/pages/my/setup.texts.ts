import { defineTexts } from "../../i18n/texts.ts";

export const setupTexts = defineTexts("setup", {
  en: {
    band: "Band of the Wi-Fi",
    "band-36": "5 GHz (channel 36)",
    "band-6": "2.4 GHz (channel 6), reaches further",
    "bad-lan": "Letters, digits, and . _ - / between them; at most 32",
    "claim-once":
      "The files hold a claim that is good for one device, once, until {{time}}. Making them again makes another claim.",
    country: "Country of the Wi-Fi (two letters)",
    "fault-at": "{{path}}: {{message}}",
    format: "What is to be set up?",
    "hint-ios-xe":
      "Paste it in configuration mode. Written after Cisco's documentation and tried on no device: look at every line.",
    "hint-iproute2":
      "Save the script and run it as root, now and whenever the router has started; radvd tells your hosts their addresses. It needs Linux 4.16 or newer, and an address of your router that no device of it has (the SID that you applied with).",
    "hint-network-manager":
      "Copy the files with these modes, owner root, then run: nmcli connection reload; nmcli connection up vSIX",
    "hint-networkd":
      "Copy the files with these modes, then run: networkctl reload. Works with systemd 250 or newer.",
    "hint-open-wrt":
      "Copy the files to the router and run the script with sh. Written after OpenWrt's documentation and tried on no device.",
    "hint-router-os":
      "Upload the file and import it. Written after MikroTik's documentation and tried on no device: look at every line.",
    "hint-wg-quick":
      "Scan the code with the WireGuard application of a telephone, or save the file and import it into the application of a computer.",
    hostname: "Name of the Pi",
    "hint-vsix-pi":
      "Copy user-data, network-config and meta-data onto the boot partition of a flashed card, put it into the Pi and switch it on.",
    lan: "Network device that your hosts are behind",
    "link-copy": "Copy the link",
    "link-lead":
      "Whoever opens this link first sees the file, once, until {{time}}. It was encrypted in this browser; the key is in the link alone.",
    "link-label": "One-time link",
    "make-files": "Make the files",
    "make-link": "One-time link",
    "make-link-of": "One-time link for {{name}}",
    passphrase: "Passphrase of the Wi-Fi",
    pi: "vSIX Pi",
    replace: "Replace the Pi that is set up for this tunnel now",
    "ssh-keys": "SSH keys, one a line",
    "ssh-keys-hint":
      "Public ones, such as ssh-ed25519 AAAA… you@laptop. No password opens the Pi over the network.",
    ssid: "Name of the Wi-Fi",
    "tunnel-title": "Set up {{device}}",
    uplink: "How is it connected?",
    "uplink-ethernet": "A cable to a router that has IPv6",
    "uplink-ngn-delegated": "FLET'S with hikari-denwa (a /56 by DHCPv6)",
    "uplink-ngn-ra": "FLET'S without hikari-denwa (a /64 by router advertisement)",
    user: "Your user name on the Pi",
    waits: "Waits for the routers: the set-up appears by itself.",
  },
  ja: {
    band: "Wi-Fi の周波数帯",
    "band-36": "5 GHz(チャネル 36)",
    "band-6": "2.4 GHz(チャネル 6、遠くまで届く)",
    "bad-lan": "英数字、間に . _ - / が使えます(32 文字まで)",
    "claim-once":
      "ファイルには、1 台のデバイスで 1 回だけ、{{time}} まで使えるクレームが入っています。作り直すと別のクレームになります。",
    country: "Wi-Fi を使う国(2 文字)",
    "fault-at": "{{path}}:{{message}}",
    format: "何を設定しますか?",
    "hint-ios-xe":
      "設定モードに貼り付けます。Cisco のドキュメントに沿って書いたもので、実機では試していません。1 行ずつ確認してください。",
    "hint-iproute2":
      "スクリプトを保存し、root で実行します(ルーターの起動ごとに必要)。ホストへのアドレスの広告は radvd が行います。Linux 4.16 以降と、ルーターのどのデバイスにも付いていないアドレス(申し込み時の SID)が必要です。",
    "hint-network-manager":
      "所有者 root、記載のモードでファイルを置き、次を実行します: nmcli connection reload; nmcli connection up vSIX",
    "hint-networkd":
      "記載のモードでファイルを置き、次を実行します: networkctl reload。systemd 250 以降で動きます。",
    "hint-open-wrt":
      "ファイルをルーターにコピーし、スクリプトを sh で実行します。OpenWrt のドキュメントに沿って書いたもので、実機では試していません。",
    "hint-router-os":
      "ファイルをアップロードしてインポートします。MikroTik のドキュメントに沿って書いたもので、実機では試していません。1 行ずつ確認してください。",
    "hint-wg-quick":
      "スマートフォンの WireGuard アプリでコードを読み取るか、ファイルに保存して PC のアプリに読み込みます。",
    hostname: "Pi の名前",
    "hint-vsix-pi":
      "user-data、network-config、meta-data を、書き込み済みカードのブートパーティションにコピーし、Pi に入れて電源を入れます。",
    lan: "ホストがつながるネットワークデバイス",
    "link-copy": "リンクをコピー",
    "link-lead":
      "このリンクを最初に開いた人だけが、{{time}} まで 1 回だけファイルを見られます。ファイルはこのブラウザーで暗号化され、鍵はリンクの中にしかありません。",
    "link-label": "ワンタイムリンク",
    "make-files": "ファイルを作る",
    "make-link": "ワンタイムリンク",
    "make-link-of": "{{name}} のワンタイムリンク",
    passphrase: "Wi-Fi のパスフレーズ",
    pi: "vSIX Pi を設定",
    replace: "このトンネルで設定済みの Pi を置き換える",
    "ssh-keys": "SSH 鍵(1 行に 1 つ)",
    "ssh-keys-hint": "公開鍵(例: ssh-ed25519 AAAA… you@laptop)。ネットワーク越しにパスワードでは入れません。",
    ssid: "Wi-Fi の名前",
    "tunnel-title": "{{device}} の設定",
    uplink: "どのように接続しますか?",
    "uplink-ethernet": "IPv6 のあるルーターにケーブルで",
    "uplink-ngn-delegated": "フレッツ(ひかり電話あり、DHCPv6 で /56)",
    "uplink-ngn-ra": "フレッツ(ひかり電話なし、RA で /64)",
    user: "Pi でのユーザー名",
    waits: "ルーターへの反映を待っています。設定は自動的に表示されます。",
  },
});
