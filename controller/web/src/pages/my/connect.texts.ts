import { defineTexts } from "../../i18n/texts.ts";

export const connectTexts = defineTexts("connect", {
  en: {
    apply: "Apply",
    "change-endpoint": "Change the address",
    config: "Configuration for WireGuard",
    device: "Name of the device",
    "device-hint": "For yourself, such as phone or home: letters, digits, and . - between them",
    suspend: "Suspend",
    "suspend-of": "Suspend {{device}}",
    "suspend-sure":
      "Routers stop serving {{device}} at once. It keeps its addresses, and you can resume it whenever you like.",
    resume: "Resume",
    "resume-of": "Resume {{device}}",
    end: "End",
    "end-of": "End {{device}}",
    "end-sure":
      "{{device}} loses its addresses, and they are given to somebody else later. This cannot be taken back.",
    endpoint: "IPv6 address of your router",
    "endpoint-hint":
      "Where the tunnel ends at your side. Your router's page shows it, as its address on the Internet; it begins with a 2 and has colons in it.",
    "key-lead":
      "The key is made in this browser and sent nowhere, so the configuration can be shown here only until you leave this page.",
    "key-lost":
      "The key of this device was made elsewhere, or before this page was loaded. With a new one, the configuration that the device has now stops working.",
    "make-key": "Make a new key",
    new: "New connection",
    "no-x25519": "This browser cannot make keys for WireGuard. Take a newer one.",
    note: "Note for the operators (you may leave it empty)",
    over4: "This device has IPv4 only",
    qr: "The configuration as a QR code, for the WireGuard application of a telephone",
    save: "Save",
    service: "What do you want to connect?",
    "service-srv6": "A network by SRv6: to your own router, without a tunnel device",
    "service-srv6-hint":
      "The same addresses and the same packets as by a tunnel. For a router with Linux or another that knows SRv6, and of which you know what a SID is.",
    "service-tunnel": "A network: a tunnel to your own router",
    "service-tunnel-hint":
      "Everything behind your router gets addresses. You need a router that you may set up, with IPv6 from your provider; or a vSIX Pi.",
    "service-vpn": "One device: a telephone or computer with WireGuard",
    "service-vpn-hint": "The easy way: you install an application and scan a code.",
    setup: "Set up",
    sid: "SID of your router",
    "sid-hint":
      "An IPv6 address that your provider leads to your router and that no device of it has: one of your own prefix that nobody uses.",
    "setup-title": "Set up {{device}}",
    waits: "Waits for the routers: the configuration appears by itself.",
  },
  ja: {
    apply: "申し込む",
    "change-endpoint": "アドレスを変更",
    config: "WireGuard の設定",
    device: "デバイスの名前",
    "device-hint": "自分で見分けるための名前(phone、home など)。英数字と、間に . - が使えます",
    suspend: "一時停止",
    "suspend-of": "{{device}} を一時停止",
    "suspend-sure":
      "ルーターはすぐに {{device}} の通信を止めます。アドレスはそのまま確保され、いつでも再開できます。",
    resume: "再開",
    "resume-of": "{{device}} を再開",
    end: "終了",
    "end-of": "{{device}} を終了",
    "end-sure":
      "{{device}} のアドレスは返却され、後でほかの利用者に割り当てられます。この操作は取り消せません。",
    endpoint: "ルーターの IPv6 アドレス",
    "endpoint-hint":
      "あなたの側のトンネル終端です。ルーターの設定ページに、インターネット側のアドレスとして表示されます(2 で始まり、コロンを含みます)。",
    "key-lead":
      "鍵はこのブラウザーの中で作られ、どこにも送信されません。そのため、設定はこのページを離れるまでしか表示できません。",
    "key-lost":
      "このデバイスの鍵は別の場所で、またはページを読み込む前に作られました。新しい鍵を作ると、デバイスにある今の設定は使えなくなります。",
    "make-key": "新しい鍵を作る",
    new: "新しい接続",
    "no-x25519": "このブラウザーでは WireGuard の鍵を作れません。新しいブラウザーをお使いください。",
    note: "運用者への連絡事項(空欄でもかまいません)",
    over4: "このデバイスは IPv4 のみ",
    qr: "スマートフォンの WireGuard アプリ用の QR コード",
    save: "保存",
    service: "何を接続しますか?",
    "service-srv6": "ネットワーク(SRv6): 自分のルーターへ、トンネルデバイスなしで",
    "service-srv6-hint":
      "トンネルと同じアドレスを使え、流れるパケットも同じです。Linux など SRv6 に対応したルーターがあり、SID をご存じの方向けです。",
    "service-tunnel": "ネットワーク: 自分のルーターへのトンネル",
    "service-tunnel-hint":
      "ルーターの先にあるすべての機器がアドレスを使えます。設定を変更できて、プロバイダーの IPv6 につながっているルーター、または vSIX Pi が必要です。",
    "service-vpn": "1 台のデバイス: WireGuard を使うスマートフォンや PC",
    "service-vpn-hint": "簡単な方法です。アプリを入れて、コードを読み取るだけです。",
    setup: "設定",
    sid: "ルーターの SID",
    "sid-hint":
      "プロバイダーがあなたのルーターへ届け、ルーターのどのデバイスにも付いていない IPv6 アドレスです(自分のプレフィックスのうち、使っていないもの)。",
    "setup-title": "{{device}} の設定",
    waits: "ルーターへの反映を待っています。設定は自動的に表示されます。",
  },
});
