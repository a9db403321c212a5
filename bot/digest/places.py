"""Names of places that people type though no time zone is named so, and what is offered first."""

from collections.abc import Mapping
from types import MappingProxyType

# Offered while nothing is typed, in this order.
FIRST = (
    "Asia/Tokyo", "UTC", "America/Los_Angeles", "America/New_York", "Europe/London",
    "Europe/Paris", "Europe/Berlin", "Asia/Singapore", "Asia/Seoul", "Asia/Taipei",
    "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Bangkok", "Asia/Ho_Chi_Minh", "Asia/Jakarta",
    "Asia/Manila", "Asia/Kolkata", "Australia/Sydney", "Pacific/Auckland", "Pacific/Honolulu",
    "America/Chicago", "America/Denver", "America/Toronto", "America/Vancouver",
    "America/Sao_Paulo",
)  # fmt: skip

# A zone, or several that may be meant, and what is also called so; _ stands for a space.
ALSO = (
    ("Asia/Tokyo", "JST 大阪 Osaka 京都 Kyoto 名古屋 Nagoya 横浜 Yokohama 札幌 Sapporo"),
    ("Asia/Tokyo", "福岡 Fukuoka 仙台 Sendai 広島 Hiroshima 神戸 Kobe 那覇 Naha"),
    ("America/Los_Angeles", "PST PDT PT Pacific サンフランシスコ San_Francisco サンノゼ San_Jose"),
    (
        "America/Los_Angeles",
        "シアトル Seattle LA シリコンバレー Silicon_Valley",
    ),
    ("America/Los_Angeles", "ポートランド Portland サンディエゴ San_Diego ラスベガス Las_Vegas"),
    ("America/New_York", "EST EDT ET Eastern NY NYC ワシントン Washington ボストン Boston"),
    ("America/New_York", "アトランタ Atlanta マイアミ Miami フィラデルフィア Philadelphia"),
    ("America/Chicago", "CT Central ヒューストン Houston ダラス Dallas オースティン Austin"),
    ("America/Denver", "MDT MT Mountain"),
    ("America/Toronto", "オタワ Ottawa モントリオール Montreal"),
    ("Europe/London", "エディンバラ Edinburgh ケンブリッジ Cambridge オックスフォード Oxford"),
    ("Europe/Berlin", "ドイツ Germany"),
    ("Europe/Madrid", "スペイン Spain バルセロナ Barcelona"),
    ("Pacific/Auckland", "ニュージーランド New_Zealand"),
    ("Asia/Kuala_Lumpur", "マレーシア Malaysia"),
    ("Europe/Berlin", "ミュンヘン Munich ハンブルク Hamburg フランクフルト Frankfurt"),
    ("Europe/Zurich", "チューリヒ ジュネーブ Geneva"),
    ("Europe/Rome", "ミラノ Milan"),
    ("Asia/Shanghai", "中国 China PRC 北京 Beijing 深圳 Shenzhen 広州 Guangzhou"),
    ("Asia/Kolkata", "デリー Delhi ニューデリー New_Delhi ムンバイ Mumbai チェンナイ Chennai"),
    ("Asia/Kolkata", "バンガロール Bangalore Bengaluru ハイデラバード Hyderabad"),
    ("Asia/Ho_Chi_Minh", "ハノイ Hanoi Ho_Chi_Minh_City サイゴン"),
    ("Asia/Seoul", "KST 釜山 Busan"),
    ("Asia/Jerusalem", "テルアビブ Tel_Aviv"),
    ("America/Sao_Paulo", "リオデジャネイロ Rio_de_Janeiro"),
    ("Australia/Sydney", "キャンベラ Canberra"),
    ("UTC", "UTC GMT UCT Zulu Z 協定世界時 世界標準時"),
    ("America/Chicago Asia/Shanghai", "CST"),
    ("Asia/Kolkata Asia/Jerusalem Europe/Dublin", "IST"),
    ("Europe/London Asia/Dhaka", "BST"),
    ("Europe/Paris Europe/Berlin Europe/Rome Europe/Madrid", "CET CEST"),
    ("Australia/Sydney Australia/Brisbane", "AEST AEDT"),
)

# Countries as they are called beside the name that Unicode has for them.
COUNTRIES: Mapping[str, str] = MappingProxyType(
    {"US": "アメリカ 米国 USA US America", "GB": "英国 UK Britain England", "KR": "Korea"}
)
