"""What a page draws, text by text, and how each is read: as markdown, or letter by letter."""

import re

from markdown_it import MarkdownIt

from tests.naughty import CANARY, MARK

MARKED = re.compile(rf"{MARK}\d{{4}}")
# Texts that Streamlit's client shows, or keeps, letter by letter.
LITERAL = {
    "selectbox.options",
    "selectbox.raw_value",
    "multiselect.options",
    "multiselect.raw_values",
    "multiselect.default",
    "text_input.default",
    "text_input.value",
    "code.code_text",
    "dataframe.arrow_data.data",
    "arrow_data_frame.arrow_data.data",
    "arrow_data_frame.data",
    "arrow_data_frame.columns",
    "vega_lite_chart.data.data",
    "vega_lite_chart.datasets.data.data",
    "dataframe.alt",
    "json.body",
    "text.body",
}
# Names of parts, which are not shown.
UNSEEN = (".id", ".user_key", ".form_id")
# Texts that it reads as markdown.
MARKDOWN = {
    *(
        f"{kind}.body"
        for kind in (
            "markdown",
            "caption",
            "header",
            "subheader",
            "title",
            "info",
            "warning",
            "error",
            "success",
            "metric",
        )
    ),
    "metric.label",
    "metric.delta",
    "button.label",
    "download_button.label",
    "checkbox.label",
    "radio.options",
    "radio.captions",
    "radio.label",
    "button_group.options.content",
    "expandable.label",
    "popover.label",
    "tab.label",
    "page_link.label",
    "selectbox.label",
    "multiselect.label",
    "text_input.label",
    "number_input.label",
    "slider.label",
    "date_input.label",
    "spinner.text",
    "progress.text",
    "toast.body",
    "link_button.label",
    "file_uploader.label",
}
_PARSER = MarkdownIt("commonmark").enable(["strikethrough", "table"])
_ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]")
_OUT_OF_SIGHT = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_JOINT = "\u2060"
# What the client reads in a text once its escapes are undone.
_READ_AGAIN = re.compile(
    r":[\w+-]+:|:material[_/]\w+:|https?://|(?i:www\.)|\w@\w|(?<!\S)(?:<->|->|<-|--|>=|<=|~=)(?!\S)"
)
_OUR_ICON = re.compile(r"(?<!\\):material/\w+:")
_DIRECTIVE = re.compile(r":[a-z][a-z-]*\[|\$")


def texts(app):
    """Yield every text of every element and container: its field and itself."""
    for node in app._tree:
        if getattr(node, "proto", None) is None:
            continue
        if hasattr(node, "children"):
            yield from fields(node.proto, "")
        else:
            yield from fields(node.proto, node.type if node.type != "table" else "table")


def fields(message, path):
    """Yield the texts and bytes of a message with where they stand in it."""
    if not hasattr(message, "ListFields"):
        return
    for field, value in message.ListFields():
        where = f"{path}.{field.name}".strip(".")
        if field.type == field.TYPE_MESSAGE:
            for one in value if field.is_repeated else [value]:
                yield from fields(one, where)
        elif field.type in (field.TYPE_STRING, field.TYPE_BYTES):
            for one in value if field.is_repeated else [value]:
                yield where, one if isinstance(one, str) else one.decode("utf-8", "replace")


def seen(text):
    """Return a text as a reader sees it."""
    return " ".join(_OUT_OF_SIGHT.sub("", text).replace(_JOINT, "").split())


def read(source):
    """Return what a reader sees of markdown, and what it became beside plain words."""
    words, more = [], []
    for block in _PARSER.parse(source):
        for token in block.children or [block]:
            if token.type in ("text", "text_special", "code_inline", "code_block", "fence"):
                words.append(token.content)
            elif token.type in ("softbreak", "hardbreak") or token.nesting < 0:
                words.append(" " if token.block else "")
            if token.type in (
                "link_open",
                "image",
                "html_inline",
                "html_block",
                "code_block",
                "fence",
            ):
                more.append(f"{token.type} {token.attrs} {token.content}")
    return "".join(words), more


def faults(source, known):
    """Return what is wrong with a text that is read as markdown and has names in it."""
    source = _OUR_ICON.sub("", source)
    shown, more = read(source)
    found = [one for one in more if MARK in one or CANARY in one]
    found += [
        f"{mark} is not shown as it is"
        for mark in MARKED.findall(source)
        if not any(seen(name) in seen(shown) for name in known[mark])
    ]
    found += [f"{one} is read again" for one in _READ_AGAIN.findall(shown)]
    bare = _ESCAPED.sub("", source)
    return found + [one for one in _DIRECTIVE.findall(bare) if one not in (":small[", ":gray[")]
