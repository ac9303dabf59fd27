"""Names that somebody might give to things, by families: each tries to be more than a name.

Every name holds a mark of its own (``q7z`` and a number), by which it is found again wherever it
is drawn. What `CANARY` stands for would be asked for, or run, if one of them were.
"""

# ruff: noqa: E501 - names stand side by side

from itertools import product

CANARY = "canary.invalid"
MARK = "q7z"
_RUN = "window.__x=1"

_TAGS = (
    "<script>{run}</script>", "<script src=//{host}/a.js></script>", "<img src=x onerror={run}>",
    "<img src=//{host}/a.png>", "<svg onload={run}>", "<svg><script>{run}</script></svg>",
    "<iframe src=//{host}>", "<iframe srcdoc='<script>{run}</script>'>", "<body onload={run}>",
    "<a href=//{host}>x</a>", "<a href=javascript:{run}>x</a>", "<link rel=stylesheet href=//{host}>",
    "<style>@import '//{host}/a.css'</style>", "<meta http-equiv=refresh content='0;//{host}'>",
    "<object data=//{host}>", "<embed src=//{host}>", "<video src=//{host} onerror={run}>",
    "<audio src=//{host}>", "<input autofocus onfocus={run}>", "<details open ontoggle={run}>",
    "<base href=//{host}/>", "<form action=//{host}>", "<marquee onstart={run}>", "<b>bold</b>",
    "<h1>head</h1>", "<!-- comment -->", "<![CDATA[{run}]]>", "<?php {run} ?>", "<math><mi//xlink:href='//{host}'>",
    "<table background=//{host}>", "<br>", "<hr/>", "<p style='background:url(//{host})'>", "<template>x</template>",
)  # fmt: skip
_AROUND = ("{}", "\"'>{}", "</textarea>{}", "--></style></script>{}", "{{{}}}")
_ENTITIES = (
    "&lt;script&gt;",
    "&#60;b&#62;",
    "&#x3c;i&#x3e;",
    "&amp;amp;",
    "&nbsp;x",
    "&copy",
    "&bogus;",
)
_MARKDOWN = (
    "![x](https://{host}/a.png)", "![x](//{host}/a.png)", "![x][1]", "[x](https://{host})", "[x](javascript:{run})",
    "[x]: https://{host}", "<https://{host}>", "https://{host}/a", "http://{host}", "www.{host}", "ann@{host}",
    "mailto:ann@{host}", "xmpp:ann@{host}", "ftp://{host}", "**bold**", "*it*", "__bold__", "_it_", "~~gone~~",
    "~sub~", "`code`", "``co`de``", "```js\\n{run}", "# head", "###### head", "> said", "- item", "+ item", "* item",
    "1. item", "1) item", "- [ ] task", "- [x] task", "| a | b |", "|---|---|", "---", "***", "===", "a<br>b",
    "[^1]", "[^1]: note", "\\*not\\*", "\\\\", "a\\", "!important", "[a][b][c]", "[[wiki]]", "((x))", "{{#id}}",
    "^sup^", "==mark==", "++ins++", ":::note", "***bold it***", "_a_b_c_", "2*3*4", "a_b_c", "[]( )", "![]()",
)  # fmt: skip
_MATH = (
    "$x$", "$$x$$", "$\\frac{{1}}{{2}}$", "\\(x\\)", "\\[x\\]", "$\\href{{javascript:{run}}}{{x}}$", "$5 and $6",
    "US$5", "$\\includegraphics{{//{host}}}$", "\\begin{{x}}", "$ $", "$`x`$", "$\\htmlClass{{a}}{{b}}$", "cost $1$2",
)  # fmt: skip
_COLOURS = (
    "red",
    "blue",
    "green",
    "orange",
    "violet",
    "gray",
    "grey",
    "rainbow",
    "primary",
    "yellow",
)
_DIRECTIVES = (
    *(f":{colour}[x]" for colour in _COLOURS), *(f":{colour}-background[x]" for colour in _COLOURS),
    *(f":{colour}-badge[x]" for colour in _COLOURS[:6]), ":material/home:", ":material/delete_forever:",
    ":material_home:", "a:material/home:b", ":streamlit:", ":smile:", ":+1:", ":heart: :heart:", ":shimmer[x]",
    ":small[x]", ":color[x]{{foreground=red}}", ":help[x]", ":red[:blue[x]]", ":red[", "::directive", ":::container",
    ":foo[x]{{onclick={run}}}", ":emoji/home:", "spinner", "emoji:x", ":a:b:c:", "12:30:45", "::", ":",
)  # fmt: skip
_SIGNS = (
    "->",
    "<-",
    "<->",
    "--",
    ">=",
    "<=",
    "~=",
    "a -> b",
    "a <- b",
    "a <-> b",
    "a -- b",
    "a >= b",
    "a <= b",
    "a ~= b",
    "a->b",
    "(c)",
    "...",
    "1/2",
)
_VEGA = (
    "datum.x", "datum['x']", "{{\"expr\": \"{run}\"}}", "{{'signal': 'width'}}", "a.b", "a[0]", "a\\.b", "a['b']",
    "toString()", "constructor", "__proto__", "prototype", "hasOwnProperty", "valueOf", "${{datum.x}}",
    "width*2", "null", "undefined", "NaN", "Infinity", "-Infinity", "true", "false", "if(1,2,3)", "event.view",
    "{{\"$ref\": \"//{host}\"}}", "{{\"url\": \"//{host}/a.csv\"}}", "data:text/html,{run}", "image://{host}", "a,b;c",
)  # fmt: skip
_UNSEEN = (
    "\u202eevas", "a\u202ab\u202c", "\u2066x\u2069", "\u200fx", "\u200ex", "a\u200bb", "a\u200cb", "a\u200db", "a\u2060b",
    "\ufeffx", "a\u00adb", "a\u034fb", "a\u180eb", "a\u061cb", "a\x07b", "a\x1bb[31m", "a\x08b", "a\x7fb", "a\x85b",
    "a\u2028b", "a\u2029b", "a\u00a0b", "a\u3000b", "\ue000", "\U000e0041x", "a\ufffdb", "\ufff9x\ufffa", "x\u0301\u0302\u0303",
    "Z\u0361\u0335\u0321a\u0335\u0322l\u0336g\u0321o", "a\u2063b", "\u115fx", "\u3164x",
)  # fmt: skip
_SCRIPTS = (
    "فنجان", "כוס", "مرحبا world", "שלום 123", "杯子（红）", "カップ", "머그잔", "чашка", "κούπα", "ถ้วย", "कप", "ღვინო",
    "Æøå", "ß", "ı", "İ", "ﬁ", "Ⅻ", "①", "㎏", "ＡＢＣ", "＜script＞", "﹤b﹥", "‹b›", "ʼx", "𝕏", "𠜎𠜱", "田中さん", "Ω≈ç√∫",
    "¡™£¢∞§¶", "￥100", "🙂", "👩‍👩‍👧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇨🇳", "👍🏽", "❤️", "✈", "⚠️", "0️⃣", "🤷‍♀️", "\U0001f9ff",
)  # fmt: skip
_SQL = (
    "'; DROP TABLE sales; --", "' OR '1'='1", "\" OR 1=1 --", "1; ATTACH '/etc/passwd'", "') UNION SELECT 1 --", "%", "_",
    "a%b_c", "x'--", "$1", "?", ":name", "@name", "read_csv('/etc/passwd')", "COPY sales TO 'x'", "SET threads=1",
    "0x27", "char(39)", "/* x */", "-- x", "NULL", "Robert'); DROP TABLE items;--", "\\'; x", "INSTALL httpfs",
)  # fmt: skip
_FORMULAS = (
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|'/C calc'!A0", "=HYPERLINK(\"//{host}\")", "=IMPORTXML(\"//{host}\")", "\t=1+1",
    "'=1+1", "＝1+1", "=WEBSERVICE(\"//{host}\")", "%=1", "|=1", "=\"00123\"", "00123", "1e5", "1E400", "0x1F", "1,234.5", "1_000",
    "12/31/2026", "2026-01-01", "TRUE", "#REF!x", "#N/Ax", "-", "1.0",
)  # fmt: skip
_PATHS = (
    "../../etc/passwd", "..\\..\\windows", "/etc/passwd", "C:\\con", "CON", "NUL", "aux.csv", "a/b", "a\\b", "a:b", "~", "~root",
    "$HOME", "%APPDATA%", ".htaccess", "file:///etc/passwd", "\\\\{host}\\share", "//{host}/share", "a|b", "a*b?", ".", "..", "...x",
    "x.csv.exe", "name\x00.csv", "%2e%2e%2f", "%00", "%0d%0aSet-Cookie: x=1", "a;b", "a&b=c", "a#b", "a?b=c",
)  # fmt: skip
_TEMPLATES = (
    "{{{{7*7}}}}", "${{7*7}}", "#{{7*7}}", "<%= 7*7 %>", "{{% raw %}}", "{{0}}", "{{name}}", "{{}}", "{{", "}}", "{{0.__class__}}",
    "{{sku}}", "{{market}}", "%s", "%d", "%n%n", "%(name)s", "%x %x", "%.99999f", "$name", "${{jndi:ldap://{host}}}", "`id`", "$(id)",
    "| id", "; id", "&& id", "\\n", "\\r\\n", "\\t", "\\u0041", "\\x41", "\\0", "{{!r:>99}}", "%%", "f'{{x}}'", "<%- x %>",
)  # fmt: skip
_CELLS = (
    "\"", "\"\"", "'", "''", "a\"b", "a,b", "a;b", "a\tb", "a|b", "\"a,b\"", "a\nb", "a\r\nb", "a\n\n# b", "a\n===", "a\n    b", "    code",
    "a\n- b", "a\n> b", "x\n\n***\n\nx", ",,,", ";;", "\"\"\"", "«x»", "„x“", "“x”", "\u2018x\u2019", "# comment", "// x", "<>", "&",
)  # fmt: skip
_LONG = (
    "a" * 120,
    "ab " * 40,
    "[" * 60,
    "*" * 60,
    "`" * 40,
    "(" * 60,
    "> " * 30,
    "\u0301" * 40,
    "W" * 120,
    "💥" * 40,
    "_a" * 40,
    "$" * 40,
)


def _families() -> dict[str, list[str]]:
    tags = [around.format(tag) for tag, around in product(_TAGS, _AROUND)]
    plain = {
        "tags": tags, "entities": _ENTITIES, "markdown": _MARKDOWN, "math": _MATH, "directives": _DIRECTIVES,
        "vega": _VEGA, "formulas": _FORMULAS, "paths": _PATHS, "templates": _TEMPLATES,
    }  # fmt: skip
    filled = {name: [_filled(text) for text in family] for name, family in plain.items()}
    others = {
        "signs": _SIGNS,
        "unseen": _UNSEEN,
        "scripts": _SCRIPTS,
        "sql": _SQL,
        "cells": _CELLS,
        "long": _LONG,
    }
    return filled | {name: [*family] for name, family in others.items()}


def _filled(text: str) -> str:
    for word, filling in (("{run}", _RUN), ("{host}", CANARY), ("{{", "{"), ("}}", "}")):
        text = text.replace(word, filling)
    return text


def _marked() -> dict[str, list[str]]:
    """Mark every name, behind it or before it in turns: what begins a line and what ends it."""
    found, number = {}, 0
    for family, texts in _families().items():
        found[family] = []
        for text in texts:
            mark = f"{MARK}{number:04d}"
            found[family].append(f"{mark} {text}" if number % 3 == 2 else f"{text} {mark}")
            number += 1
    return found


FAMILIES = _marked()
NAMES = [name for family in FAMILIES.values() for name in family]
