"""Lines that Whisper makes up where nobody speaks: it learned them from subtitles' endings."""

import unicodedata

_LINES = {
    "en": """
        thank you|thanks|thank you for watching|thanks for watching
        |thank you very much|bye|you
        |thank you so much for watching|please subscribe
        |please subscribe to my channel|the end
        |subscribe to my channel|see you next time|see you in the next video
        |i'll see you next time
        |like and subscribe|subtitles by the amara org community
    """,
    "es": """
        gracias|gracias por ver|gracias por ver el video|muchas gracias|suscribete
        |suscribete al canal
        |subtitulos realizados por la comunidad de amara org
        |subtitulos por la comunidad de amara org
        |no olvides suscribirte
    """,
    "fr": """
        merci|merci d'avoir regarde cette video|merci d'avoir regarde|abonnez vous
        |sous titrage st' 501
        |sous titres realises par la communaute d'amara org
        |sous titrage societe radio canada
        |sous titres realises para la communaute d'amara org
    """,
    "de": """
        vielen dank|danke|danke furs zuschauen|vielen dank furs zuschauen
        |untertitel der amara org community
        |untertitelung des zdf fur funk 2017
        |untertitel im auftrag des zdf fur funk 2017|bis zum nachsten mal
        |untertitelung im auftrag des zdf 2021|untertitel von stephanie geiges
    """,
    "it": """
        grazie|grazie per aver guardato il video|grazie a tutti
        |sottotitoli creati dalla comunita amara org
        |sottotitoli e revisione a cura di qtss|iscrivetevi al canale
    """,
    "pt": """
        obrigado|obrigada|obrigado por assistir|inscreva se no canal|tchau
        |legendas pela comunidade amara org|legendas pela comunidade de amara org
    """,
    "nl": """
        dank u wel|bedankt voor het kijken
        |ondertitels ingediend door de amara org gemeenschap
        |ondertiteld door de amara org gemeenschap|tot de volgende keer
    """,
    "pl": """
        dziekuje|dziekuje za uwage|dziekuje za ogladanie
        |napisy stworzone przez spolecznosc amara org
    """,
    "ru": """
        спасибо|спасибо за просмотр|продолжение следует|субтитры сделал dimatorzok
        |подписывайтесь на канал
        |субтитры создавал dimatorzok
        |редактор субтитров а синецкая корректор а егорова
    """,
    "tr": "izlediginiz icin tesekkur ederim|altyazi m k|tesekkurler",
    "sv": "tack|tack for att ni tittade|undertexter fran amara org gemenskapen",
    "ja": """
        ご視聴ありがとうございました|ありがとうございました
        |チャンネル登録お願いします|おやすみなさい
    """,
    "ko": """
        시청해주셔서 감사합니다|시청해 주셔서 감사합니다|감사합니다
        |mbc 뉴스 이덕영입니다|구독과 좋아요 부탁드립니다
    """,
    "zh": """
        谢谢观看|謝謝觀看|谢谢大家|字幕由amara org社区提供|中文字幕志愿者 李宗盛|字幕志愿者 李宗盛
        |请不吝点赞 订阅 转发 打赏支持明镜与点点栏目|請不吝點贊 訂閱 轉發 打賞支持明鏡與點點欄目
    """,
}  # fmt: skip


def fold(text: str) -> str:
    """Without case, accents and punctuation, so that spellings meet."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = (
        mark if mark.isalnum() or mark == "'" else " "
        for mark in plain
        if not unicodedata.combining(mark)
    )
    return " ".join("".join(kept).split())


_FOLDED = {
    language: frozenset(fold(line) for line in lines.split("|") if line.strip())
    for language, lines in _LINES.items()
}


def is_phantom(text: str, language: str) -> bool:
    """Whether the whole text is such a line, or the same one several times."""
    lines = _FOLDED.get(language, frozenset()) | _FOLDED["en"]
    words = fold(text)
    if words in lines:
        return True
    return any(line and words.replace(line, "").strip() == "" for line in lines if words)
